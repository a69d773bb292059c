/** The numbers behind the rules, in one place: policies choose by them and audits judge by them. */

/** S21: groups at most this percentage of the input and of the output channels. */
export const MAX_GROUP_PERCENT = 30;

/** S2, S3: groups at most a quarter of the channels, which is at least this many channels per group. */
export const MIN_CHANNELS_PER_GROUP = 4;

/** S3: the group counts a smart convolution picks from. */
export const SMART_GROUPS = [1, 2, 4, 8, 16] as const;

/** S9: groups at most this in the feature pyramid of a detector. */
export const MAX_NECK_GROUPS = 4;

/** S12: the seed's ceiling for TensorRT. Disputed: NVIDIA documents no limit on the number of groups. */
export const TENSORRT_MAX_GROUPS = 16;

/** S24: what progressive grouping reaches in the deepest layer. */
export const PROGRESSIVE_MAX_GROUPS = 16;

/** S26: groups at most this in the body block of the template. */
export const TEMPLATE_BODY_GROUPS = 4;

/** Channels per group worth trying when choosing by them instead of by the group count. */
export const CHANNELS_PER_GROUP_CANDIDATES = [4, 8, 16, 32, 64] as const;

/** Channels per group taken when nothing else is known (arXiv 2106.03640 moves from depthwise to 16). */
export const DEFAULT_CHANNELS_PER_GROUP = 16;

/** The most groups the 30 % rule leaves; 1 is always left, since a dense convolution has no groups to count. */
export function groupShareLimit(inChannels: number, outChannels: number): number {
  const channels = Math.min(inChannels, outChannels);
  return Math.max(1, Math.floor((channels * MAX_GROUP_PERCENT) / 100));
}
