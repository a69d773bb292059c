import { resolve } from "node:path";
import { checkWritable, writeFileAtomic } from "../files/index.js";
import { UsageError } from "../util/errors.js";
import { type CliContext, terminalWidth, wantsColors } from "./context.js";

/** Flags that say where a report goes. */
export interface OutputFlags {
  readonly output?: string;
  readonly verbose?: boolean;
}

/** What every renderer understands. */
interface RenderOptions {
  readonly colors: boolean;
  readonly width: number;
  readonly verbose?: boolean;
}

const FILE_WIDTH = 120;

/** Where a report goes: the terminal, or a file that is not the model. */
export class ReportOutput {
  readonly #file: string | undefined;

  /**
   * @param model Absolute path.
   * @throws UsageError when the report would take the model's place, or cannot be written where it is to go.
   */
  constructor(
    readonly context: CliContext,
    readonly flags: OutputFlags,
    model: string,
  ) {
    const { output } = flags;
    this.#file = output === undefined ? undefined : resolve(context.cwd, output);
    if (this.#file === model) throw new UsageError(`--output ${output} is the model itself`);
    if (this.#file !== undefined) checkWritable(this.#file);
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
