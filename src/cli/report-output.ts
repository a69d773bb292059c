import { existsSync, realpathSync } from "node:fs";
import { basename, resolve } from "node:path";
import { checkWritable, isSameFile, isStream, writeFileAtomic } from "../files/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { type CliContext, terminalWidth, wantsColors } from "./context.js";

/** Flags that say where a report goes. */
export interface OutputFlags {
  readonly output?: string;
  readonly verbose?: boolean;
}

/** @throws UsageError when `--json` and `--format` say different things. */
export function chosenFormat<Format extends string>({
  format,
  json,
}: {
  readonly format?: Format;
  readonly json?: boolean;
}): Format | "json" | undefined {
  if (json && format !== undefined && format !== "json")
    throw new UsageError(
      `--json is --format json, and --format ${format} is given: give one of them`,
    );
  return json ? "json" : format;
}

/** What every renderer understands. */
interface RenderOptions {
  readonly colors: boolean;
  readonly width: number;
  readonly verbose?: boolean;
}

const FILE_WIDTH = 120;
/** A file of another name that is there may be somebody's: weights of a network have any name or ending. */
const REPORT = /\.(html?|json|sarif|md|markdown|txt|log)$/i;
const CONFIG = /^groupconv\.config\./;

/** Where a report goes: the terminal, or a file that is nobody's model or data. */
export class ReportOutput {
  readonly #file: string | undefined;

  /**
   * @param model Absolute path.
   * @param data Absolute paths of files that are read beside it; of pictures the folder may do.
   * @throws UsageError when the report would take the model's place, or cannot be written where it is to go.
   */
  constructor(
    readonly context: CliContext,
    readonly flags: OutputFlags,
    model: string,
    data: readonly string[] = [],
  ) {
    const { output } = flags;
    if (output === undefined) return;
    const file = resolve(context.cwd, output);
    const refuse = (what: string) => {
      throw new UsageError(`--output ${printable(output)} ${what}`, {
        help: "Reports are written to a file of their own, such as report.html.",
      });
    };
    if (file === model || isSameFile(file, model)) refuse("is the model itself");
    for (const path of data)
      if (file === path || isSameFile(file, path))
        refuse(`is among what is read: ${printable(path)}`);
    checkWritable(file);
    if (existsSync(file) && !isStream(file) && !isReport(file))
      refuse("exists, and by its name is no report");
    this.#file = file;
  }

  async write(render: (options: RenderOptions) => string | Promise<string>): Promise<void> {
    const { context, flags } = this;
    const { verbose } = flags;
    if (this.#file === undefined) {
      const options = { colors: wantsColors(context), width: terminalWidth(context), verbose };
      context.process.stdout.write(await render(options));
      return;
    }
    await writeFileAtomic(this.#file, await render({ colors: false, width: FILE_WIDTH, verbose }));
    context.process.stderr.write(`wrote ${flags.output}\n`);
  }
}

function isReport(file: string): boolean {
  const name = basename(realpathSync(file));
  return REPORT.test(name) && !CONFIG.test(name);
}
