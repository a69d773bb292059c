import { ShapeError } from "../util/errors.js";
import { divisors, gcd } from "../util/math.js";

/** The largest channel count accepted; no runtime goes further, and it bounds the search for divisors. */
export const MAX_CHANNELS = 2 ** 31 - 1;

/**
 * Every group count a convolution of these channels can have, ascending: the common divisors.
 * Source: ONNX Conv, "C == W.shape[1] * group" and M divisible by group.
 *
 * @throws ShapeError if a channel count is not a whole number from 1 to MAX_CHANNELS.
 */
export function validGroups(inChannels: number, outChannels: number): number[] {
  checkChannels("validGroups", inChannels, outChannels);
  return divisors(gcd(inChannels, outChannels));
}

/** The largest valid group count that is at most `limit`; 1 when none is. */
export function largestValidGroups(inChannels: number, outChannels: number, limit: number): number {
  return validGroups(inChannels, outChannels).findLast((groups) => groups <= limit) ?? 1;
}

/** `[groups]` when it is valid; otherwise the next valid count below and the next above, where they exist. */
export function nearestValidGroups(
  groups: number,
  inChannels: number,
  outChannels: number,
): number[] {
  const valid = validGroups(inChannels, outChannels);
  if (valid.includes(groups)) return [groups];
  const below = valid.findLast((candidate) => candidate < groups);
  const above = valid.find((candidate) => candidate > groups);
  return [below, above].filter((candidate) => candidate !== undefined);
}

/** Why no convolution of these channels can have this many groups, with the way out; null when one can. */
export function groupsProblem(
  groups: number,
  inChannels: number,
  outChannels: number,
): string | null {
  const channels = channelsProblem(inChannels, outChannels);
  if (channels !== null) return channels;
  const relation = brokenRelation(groups, inChannels, outChannels);
  if (relation === null) return null;
  const nearest = Number.isNaN(groups) ? [1] : nearestValidGroups(groups, inChannels, outChannels);
  return `groups=${groups} ${relation}; nearest valid: ${nearest.join(", ")}`;
}

/** @throws ShapeError with the sentence of `groupsProblem`, led by the operation's name. */
export function checkGroups(
  operation: string,
  groups: number,
  inChannels: number,
  outChannels: number,
): void {
  const problem = groupsProblem(groups, inChannels, outChannels);
  if (problem !== null) throw new ShapeError(`${operation}: ${problem}`);
}

/** @throws ShapeError if a channel count is not a whole number from 1 to MAX_CHANNELS. */
export function checkChannels(operation: string, inChannels: number, outChannels: number): void {
  const problem = channelsProblem(inChannels, outChannels);
  if (problem !== null) throw new ShapeError(`${operation}: ${problem}`);
}

function channelsProblem(inChannels: number, outChannels: number): string | null {
  for (const [name, value] of Object.entries({ inChannels, outChannels }))
    if (!Number.isInteger(value) || value < 1 || value > MAX_CHANNELS)
      return `${name}=${value} must be a whole number from 1 to ${MAX_CHANNELS}`;
  return null;
}

function brokenRelation(groups: number, inChannels: number, outChannels: number): string | null {
  if (!Number.isInteger(groups) || groups < 1) return "must be a whole number of at least 1";
  const channels = [
    { text: `inChannels=${inChannels}`, value: inChannels },
    { text: `outChannels=${outChannels}`, value: outChannels },
  ];
  const fewer = channels.filter(({ value }) => groups > value);
  if (fewer.length > 0)
    return `must not exceed ${names(fewer)}: a group needs at least one channel on each side`;
  const undivided = channels.filter(({ value }) => value % groups !== 0);
  return undivided.length > 0 ? `must divide ${names(undivided)}` : null;
}

function names(channels: { text: string }[]): string {
  return channels.map(({ text }) => text).join(" and ");
}
