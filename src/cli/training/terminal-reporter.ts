import cliProgress from "cli-progress";
import { createColors } from "picocolors";
import type { Evaluation, FitEvent } from "../../train/index.js";
import { printable } from "../../util/text.js";
import type { Output } from "../context.js";
import { LiveFrame } from "../live-frame.js";
import { lossCurve } from "./loss-curve.js";
import type { Reporter, WrittenFiles } from "./reporter.js";

export interface TerminalReporterOptions {
  readonly colors: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const REDRAW_INTERVAL_MS = 100;
const CURVE_ROWS = 8;
const MOST_COLUMNS = 100;
const BAR_COLUMNS = 24;

type EventOf<Type extends FitEvent["type"]> = Extract<FitEvent, { type: Type }>;

/** A line for each epoch; below, the loss so far, and a bar with the time left. */
export class TerminalReporter implements Reporter {
  readonly #frame: LiveFrame;
  readonly #paint: ReturnType<typeof createColors>;
  readonly #width: number;
  readonly #losses: number[] = [];
  #epochs = 0;
  #drawn = Number.NEGATIVE_INFINITY;
  #step: EventOf<"step"> | null = null;

  constructor(output: Output, { colors, width }: TerminalReporterOptions) {
    this.#frame = new LiveFrame(output);
    this.#paint = createColors(colors);
    this.#width = Math.min(width, MOST_COLUMNS);
  }

  event(event: FitEvent): void {
    if (event.type === "start") this.#start(event);
    else if (event.type === "step") this.#tellStep(event);
    else if (event.type === "regroup") this.#regroup(event);
    else if (event.type === "epoch") this.#epoch(event);
    else if (event.type === "end") this.#end(event);
  }

  wrote({ model, weights, checkpoint }: WrittenFiles): void {
    for (const file of [model, weights, checkpoint])
      if (file) this.#frame.print(`wrote ${printable(file)}`);
  }

  #start({ epochs, stepsPerEpoch, batchSize, parameters, step, changed }: EventOf<"start">): void {
    this.#epochs = epochs;
    const from = step > 0 ? `, from step ${step} on` : "";
    this.#frame.print(
      `${parameters.toLocaleString("en-US")} parameters, ${stepsPerEpoch} steps of ${batchSize} examples an epoch${from}`,
    );
    const told = (value: string | number | null) => printable(String(value ?? "none"));
    for (const { name, from, to } of changed)
      this.#frame.print(`from here on ${name}=${told(to)}, until now ${told(from)}`);
  }

  #tellStep(event: EventOf<"step">): void {
    this.#losses.push(event.loss);
    this.#step = event;
    const now = performance.now();
    if (now - this.#drawn < REDRAW_INTERVAL_MS) return;
    this.#drawn = now;
    this.#draw(event);
  }

  #regroup({ changes }: EventOf<"regroup">): void {
    for (const { layer, from, to, energyKept } of changes) {
      const kept =
        energyKept === null
          ? ""
          : `, ${(100 * energyKept).toFixed(1)} % of its squared weights kept`;
      this.#frame.print(`groups of ${printable(layer)}: ${from} -> ${to}${kept}`);
    }
  }

  #epoch({ epoch, train, validation, durationMs }: EventOf<"epoch">): void {
    const label = this.#paint.bold(`epoch ${epoch + 1}/${this.#epochs}`);
    const told = validation
      ? `loss ${rounded(train.loss)}   validation: ${scores(validation)}`
      : scores(train);
    this.#frame.print(`${label}  ${told}   ${this.#paint.dim(duration(durationMs))}`);
    if (this.#step) this.#draw(this.#step);
  }

  #end({ reason, step }: EventOf<"end">): void {
    if (this.#losses.length > 0) this.#frame.print(this.#curve());
    if (reason === "early") this.#frame.print(`stopped at step ${step}: nothing gets better`);
  }

  #draw(step: EventOf<"step">): void {
    this.#frame.draw(`${this.#curve()}\n${this.#bar(step)}`);
  }

  #curve(): string {
    const size = { width: this.#width, height: CURVE_ROWS };
    return this.#paint.cyan(lossCurve(this.#losses, size));
  }

  #bar({ step, totalSteps, loss, examplesPerSecond, remainingMs }: EventOf<"step">): string {
    const share = step / totalSteps;
    const bar = cliProgress.Format.BarFormat(share, {
      barsize: BAR_COLUMNS,
      barCompleteString: "█".repeat(BAR_COLUMNS),
      barIncompleteString: "░".repeat(BAR_COLUMNS),
      barGlue: "",
    } as cliProgress.Options);
    const parts = [
      `${Math.floor(100 * share)} %`,
      `${duration(remainingMs)} left`,
      `${Math.round(examplesPerSecond).toLocaleString("en-US")} examples/s`,
      `loss ${rounded(loss)}`,
    ];
    let shown = "";
    for (const part of parts)
      if (BAR_COLUMNS + shown.length + part.length + 2 < this.#width) shown += `  ${part}`;
    return `${this.#paint.green(bar)}${shown}`;
  }
}

function scores({ loss, metrics }: Evaluation): string {
  return Object.entries({ loss, ...metrics })
    .map(([name, value]) => `${printable(name)} ${rounded(value)}`)
    .join("  ");
}

const rounded = (value: number) => value.toPrecision(4);

/** `08s`, `01m35s`, `02h10m`. */
function duration(ms: number): string {
  return cliProgress.Format.TimeFormat(
    Math.ceil(ms / 1000),
    { autopaddingChar: "0" } as cliProgress.Options,
    1,
  );
}
