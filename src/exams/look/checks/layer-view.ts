import type { ChannelSummary, LookLayer } from "../section.js";

/** What the next layer gets of it. */
export function handedOn({ output, after }: LookLayer): ChannelSummary {
  return after ?? output;
}

/** A share of channels in per cent, or a factor, to three digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
