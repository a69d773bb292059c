import { describeCall } from "../util/describe-call.js";
import { UsageError } from "../util/errors.js";
import { checkWhole } from "./checks.js";
import { largestValidGroups } from "./divisibility.js";

export interface GroupWarmupOptions {
  /** Epochs between two steps. Defaults to 10. */
  every?: number;
  /** What each step multiplies the group count by. Defaults to 2. */
  base?: number;
  /** The group count where the schedule stops growing. */
  max: number;
}

/** Epoch (0 is the first) to group count. */
export interface GroupWarmup {
  (epoch: number): number;
  /** Name and options, which a resumed training must find again. Defaults to the function's name. */
  readonly recipe?: string;
  /** The same schedule for one layer: the largest count both channel counts allow that is not ahead of it. */
  validFor(inChannels: number, outChannels: number): (epoch: number) => number;
}

/**
 * Starts dense and grows the groups as training goes on: `min(base ** floor(epoch / every), max)`.
 * Source: seed text, section 5 (S17). Published training recipes that thin a layer gradually
 * (CondenseNet, arXiv 1711.09224) finish doing so in the first half of training.
 *
 * @throws UsageError for an option or an epoch that is out of range.
 */
export function groupWarmup({ every = 10, base = 2, max }: GroupWarmupOptions): GroupWarmup {
  checkWhole("every", every, 1);
  checkWhole("base", base, 2);
  checkWhole("max", max, 1);

  const groupsAt = (epoch: number): number => {
    if (!(Number.isFinite(epoch) && epoch >= 0))
      throw new UsageError(`epoch=${epoch} must be a number of at least 0`);
    return Math.min(base ** Math.floor(epoch / every), max);
  };

  return Object.assign(groupsAt, {
    recipe: describeCall("groupWarmup", { every, base, max }),
    validFor(inChannels: number, outChannels: number) {
      return (epoch: number) => largestValidGroups(inChannels, outChannels, groupsAt(epoch));
    },
  });
}
