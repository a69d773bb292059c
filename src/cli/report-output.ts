import { existsSync, realpathSync } from "node:fs";
import { extname, resolve } from "node:path";
import { checkWritable, isSameFile, liesWithin, writeFileAtomic } from "../files/index.js";
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
/** Networks, their weights, arrays and pictures: what has such a name and is there was not written by us. */
const NO_REPORT =
  /^\.(onnx|onnx_data|data|bin|weights|pb|pt|pth|ckpt|safetensors|npy|npz|[cm]?[jt]s|py|png|jpe?g|webp|gif|tiff?|avif|bmp)$/i;

/** Where a report goes: the terminal, or a file that is nobody's model or data. */
export class ReportOutput {
  readonly #file: string | undefined;

  /**
   * @param model Absolute path.
   * @param data Absolute paths of files and folders that are read beside it.
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
      if (file === path || isSameFile(file, path) || liesWithin(file, path))
        refuse(`is among what is read: ${printable(path)}`);
    if (existsSync(file) && NO_REPORT.test(extname(realpathSync(file))))
      refuse("exists, and by its name is no report");
    checkWritable(file);
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
