import cliProgress from "cli-progress";
import { createColors } from "picocolors";
import type { ExamProgress } from "../../exams/index.node.js";
import { shorten } from "../../report/index.js";
import { printable } from "../../util/text.js";
import type { Output } from "../context.js";
import { LiveFrame } from "../live-frame.js";
import type { ExamMessage } from "./exam-job.js";

export interface ProgressLineOptions {
  /** Whether it may move: on a terminal. Elsewhere a line is printed now and then. */
  readonly live: boolean;
  readonly colors: boolean;
  readonly width: number;
}

const REDRAW_INTERVAL_MS = 200;
const PLAIN_INTERVAL_MS = 15_000;
const BAR_COLUMNS = 24;

/** How far an examination is, and how long it will take. */
export class ProgressLine {
  readonly #output: Output;
  readonly #frame: LiveFrame;
  readonly #options: ProgressLineOptions;
  readonly #timer: NodeJS.Timeout | null;
  #what = "";
  #progress: ExamProgress | null = null;
  /** When the present exam began. */
  #began = 0;
  #told = Number.NEGATIVE_INFINITY;

  constructor(output: Output, options: ProgressLineOptions) {
    this.#output = output;
    this.#frame = new LiveFrame(output);
    this.#options = options;
    this.#timer = options.live ? setInterval(() => this.#draw(), REDRAW_INTERVAL_MS) : null;
  }

  tell(message: ExamMessage): void {
    if (message.type === "phase") this.#what = message.what;
    if (message.type !== "progress") return;
    const { progress } = message;
    const isNew = progress.exam !== this.#progress?.exam;
    this.#progress = progress;
    if (isNew) this.#began = performance.now();
    if (!this.#options.live) this.#print(isNew);
  }

  /** Leaves nothing behind. */
  end(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#frame.clear();
  }

  #draw(): void {
    const { colors, width } = this.#options;
    const paint = createColors(colors);
    if (!this.#progress) {
      this.#frame.draw(paint.dim(this.#what));
      return;
    }
    const { done, total } = this.#progress;
    const bar = cliProgress.Format.BarFormat(total > 0 ? done / total : 0, {
      barsize: BAR_COLUMNS,
      barCompleteString: "█".repeat(BAR_COLUMNS),
      barIncompleteString: "░".repeat(BAR_COLUMNS),
      barGlue: "",
    } as cliProgress.Options);
    const text = shorten(`${this.#percent()}  ${this.#words()}`, width - BAR_COLUMNS - 3);
    this.#frame.draw(`${paint.green(bar)}  ${text}`);
  }

  #print(isNew: boolean): void {
    const now = performance.now();
    if (!isNew && now - this.#told < PLAIN_INTERVAL_MS) return;
    this.#told = now;
    this.#output.write(`${isNew ? "" : `${this.#percent()}  `}${this.#words()}\n`);
  }

  #percent(): string {
    const { done, total } = this.#progress!;
    return `${Math.floor(total > 0 ? (100 * done) / total : 0)} %`;
  }

  #words(): string {
    const { exam, what, done, total } = this.#progress!;
    const elapsedMs = performance.now() - this.#began;
    const words = `${exam}: ${printable(what)}`;
    // An exam that works to a budget knows better when it ends, and says so.
    if (what.endsWith(" left")) return words;
    if (done === 0) return elapsedMs < 1000 ? words : `${words}, ${seconds(elapsedMs)} so far`;
    return `${words}, ${seconds((elapsedMs * (total - done)) / done)} left`;
  }
}

/** `08s`, `01m35s`. */
function seconds(ms: number): string {
  const options = { autopaddingChar: "0" } as cliProgress.Options;
  return cliProgress.Format.TimeFormat(Math.ceil(ms / 1000), options, 1);
}
