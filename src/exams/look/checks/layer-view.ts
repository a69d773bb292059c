import type { Spread } from "../../../util/statistics.js";
import type { ChannelSummary, LookLayer } from "../section.js";

/** What the next layer gets of it. */
export function handedOn({ output, after }: LookLayer): ChannelSummary {
  return after ?? output;
}

/**
 * What is so in fewer observations may be chance: a gate's layer has one a picture, and with three of them
 * half of its channels seem copies.
 */
export const ENOUGH_OBSERVATIONS = 32;

/** A share of channels in per cent, or a factor, to three digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** `0.8 to 1.5`: where half of them lie. */
export function quartiles({ low, high }: Spread): string {
  return `${rounded(low)} to ${rounded(high)}`;
}
