import { type Network, stateDict } from "../nn/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";

/** What the graph of a step calls its own outputs. */
const TAKEN = ["loss", "gradient_norm"];

/** Refuses names that could be taken for those that training makes: `w#momentum`, `target:y`, `w.next`. */
export function checkNames(network: Network, outputs: readonly string[]): void {
  for (const name of stateDict(network).keys())
    if (/[#:]/.test(name))
      throw new UsageError(
        `fit: the parameter "${printable(name)}" must have no # or : in its name`,
      );
  for (const name of outputs)
    if (TAKEN.includes(name) || /[#:]|\.next$/.test(name))
      throw new UsageError(
        `fit: the network's output "${printable(name)}" must have another name`,
        {
          help: `Training keeps ${TAKEN.join(", ")}, names with # or :, and those that end with .next to itself.`,
        },
      );
}
