import { UsageError } from "../../util/errors.js";
import { type AskTools, processorOf } from "./tools.js";

export interface ThreadsOptions extends Pick<AskTools, "processor"> {
  readonly threads?: number;
}

/**
 * Threads of an operator spin while they wait for each other: with many more of them than cores nothing is done
 * for minutes, and nobody can stop it.
 * @throws UsageError when there are more than cores, as far as their number is known.
 */
export function checkThreads(options: ThreadsOptions): void {
  const { threads } = options;
  if (threads === undefined) return;
  const { cores } = processorOf(options);
  if (!Number.isInteger(threads) || threads < 1 || threads > (cores ?? threads))
    throw new UsageError(
      `ask: threads=${threads} must be a whole number from 1 to the cores of this machine${cores === null ? "" : `, ${cores}`}`,
    );
}
