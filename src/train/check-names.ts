import { type Network, stateDict } from "../nn/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";

/** Refuses names that could be taken for those that training makes: `w#momentum`, `target:y`, `w.next`. */
export function checkNames(network: Network, outputs: readonly string[]): void {
  for (const name of stateDict(network).keys())
    if (/[#:]|^(loss|gradient_norm)$/.test(name)) throw unusable("parameter", name);
  for (const name of outputs) if (/[#:]|\.next$/.test(name)) throw unusable("output", name);
}

function unusable(what: string, name: string): UsageError {
  return new UsageError(`fit: the network's ${what} "${printable(name)}" must have another name`, {
    help: "Training makes names with # or :, values that end with .next, a loss and a gradient_norm.",
  });
}
