import type { CliContext } from "./context.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Turns the first Ctrl-C into a wish to stop; the second ends the process as ever. */
export class StopSignals {
  readonly #controller = new AbortController();
  readonly #process: CliContext["process"];
  /** What a shell expects of a command that such a signal ended: 128 and the number of the signal. */
  exitCode = 0;

  constructor(process: CliContext["process"]) {
    this.#process = process;
    for (const name of SIGNALS) process.on?.(name, this.#stop);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    for (const name of SIGNALS) this.#process.off?.(name, this.#stop);
  }

  readonly #stop = (name: NodeJS.Signals): void => {
    this.exitCode = EXIT_CODES[name as (typeof SIGNALS)[number]];
    this.#controller.abort();
    this.release();
  };
}
