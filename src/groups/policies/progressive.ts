import { checkDepth, checkWhole } from "../checks.js";
import { largestValidGroups } from "../divisibility.js";
import { groupShareLimit, PROGRESSIVE_MAX_GROUPS } from "../thresholds.js";
import type { Channels, GroupChoice } from "./policy.js";

export interface ProgressiveGroupsOptions extends Channels {
  /** Where the layer sits: 0 is the first layer, 1 the last. */
  depth: number;
  /** Groups in the last layer. Defaults to 16. */
  max?: number;
}

/**
 * S24, groups grow from shallow to deep: the power of two at `max ** depth`, then the largest valid
 * count at or below it that the 30 % rule leaves. For equal channels it never falls with depth.
 *
 * @throws UsageError if `depth` is not from 0 to 1 or `max` is not a whole number of at least 1.
 */
export function progressiveGroups(options: ProgressiveGroupsOptions): GroupChoice {
  const { inChannels, outChannels, depth, max = PROGRESSIVE_MAX_GROUPS } = options;
  checkDepth(depth);
  checkWhole("max", max, 1);
  const wanted = 2 ** Math.floor(Math.log2(max) * depth);
  const limit = Math.min(wanted, groupShareLimit(inChannels, outChannels));
  return {
    policy: "progressive",
    groups: largestValidGroups(inChannels, outChannels, limit),
    reason: `groups grow from 1 in the first layer to ${max} in the last: ${wanted} at depth ${Number(depth.toFixed(2))}`,
    evidence: {
      level: "heuristic",
      source:
        "seed text, section 6; published networks disagree: RegNet keeps the channels per group, so its group " +
        "counts grow with depth (arXiv 2003.13678), gconv-prune uses fewer groups with depth (arXiv 1811.09341)",
    },
    seedRows: ["S24"],
  };
}
