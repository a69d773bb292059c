import { isPowerOfTwo } from "../../util/math.js";
import { checkWhole } from "../checks.js";
import { checkChannels, nearestValidGroups, validGroups } from "../divisibility.js";
import { seedHeuristic } from "../evidence.js";
import { MIN_CHANNELS_PER_GROUP, SMART_GROUPS } from "../thresholds.js";
import type { Channels, GroupChoice } from "./policy.js";

/** S2, ordinary convolution: one group, every output channel sees every input channel. */
export function ordinaryGroups({ inChannels, outChannels }: Channels): GroupChoice {
  checkChannels("ordinaryGroups", inChannels, outChannels);
  return {
    policy: "ordinary",
    groups: 1,
    reason: "an ordinary convolution mixes all its channels: groups=1",
    evidence: seedHeuristic("section 2"),
    seedRows: ["S2"],
  };
}

/** S2, lightweight design: the largest power of two that divides both channel counts and is at most min(in, out) / 4. */
export function lightweightGroups({ inChannels, outChannels }: Channels): GroupChoice {
  const limit = quarter(inChannels, outChannels);
  const groups = validGroups(inChannels, outChannels).findLast(
    (candidate) => candidate <= limit && isPowerOfTwo(candidate),
  );
  return {
    policy: "lightweight",
    groups: groups ?? 1,
    reason: `the largest power of two that divides both channel counts and is at most a quarter of the smaller (${limit})`,
    evidence: seedHeuristic("section 2"),
    seedRows: ["S2", "S18"],
  };
}

/**
 * S2, feature recalibration: as many groups as the attention that follows has heads, or the nearest
 * valid count; of two equally near, the smaller, which mixes more.
 *
 * @throws UsageError if `heads` is not a whole number of at least 1.
 */
export function attentionHeadGroups(options: Channels & { heads: number }): GroupChoice {
  const { inChannels, outChannels, heads } = options;
  checkWhole("heads", heads, 1);
  const [below, above = below] = nearestValidGroups(heads, inChannels, outChannels);
  const groups = above - heads < heads - below ? above : below;
  const exact = `one group for each of the ${heads} attention heads`;
  return {
    policy: "attention-heads",
    groups,
    reason: groups === heads ? exact : `the valid count nearest to ${exact}`,
    evidence: seedHeuristic("section 2"),
    seedRows: ["S2", "S18"],
  };
}

export interface SmartGroupsOptions extends Channels {
  /**
   * Falls back to one group when the output has at least twice the input's channels. The seed says
   * so in words while its code does not; its code is the default here. Defaults to false.
   */
  expansionGuard?: boolean;
}

/** S3, smart groups: the largest of 1, 2, 4, 8, 16 that divides both channel counts and is at most min(in, out) / 4. */
export function smartGroups(options: SmartGroupsOptions): GroupChoice {
  const { inChannels, outChannels, expansionGuard = false } = options;
  const limit = quarter(inChannels, outChannels);
  const valid = validGroups(inChannels, outChannels);
  const largest = SMART_GROUPS.findLast((groups) => groups <= limit && valid.includes(groups)) ?? 1;
  const guarded = expansionGuard && outChannels >= 2 * inChannels;
  return {
    policy: "smart",
    groups: guarded ? 1 : largest,
    reason: guarded
      ? `expansionGuard: outChannels=${outChannels} is at least twice inChannels=${inChannels}, so all channels stay together`
      : `the largest of ${SMART_GROUPS.join(", ")} that divides both channel counts and is at most a quarter of the smaller (${limit})`,
    evidence: seedHeuristic("section 2"),
    seedRows: ["S3", "S18"],
  };
}

function quarter(inChannels: number, outChannels: number): number {
  return Math.floor(Math.min(inChannels, outChannels) / MIN_CHANNELS_PER_GROUP);
}
