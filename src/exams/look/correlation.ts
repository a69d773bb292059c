import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { divisors, range, sum } from "../../util/math.js";
import type { Moments } from "./moments.js";
import type { BlockScore } from "./section.js";
import { pairAt, rowOf } from "./triangle.js";

/** From this |r| on two channels are one. */
export const DUPLICATE_R = 0.99;

/** A channel that varies by no more than this share of its mean is constant: float32 rounds off a quarter of it. */
const ROUNDING = 2 ** -22;

/** A correlation matrix, and which of its channels live. */
export interface Correlation {
  readonly channels: number;
  /** A triangle, see `triangle.ts`; 0 in the rows and columns of dead channels, 1 on the diagonal of others. */
  readonly r: Float64Array;
  /** Channels that are constant, ascending. */
  readonly dead: readonly number[];
  readonly std: Float64Array;
}

/** @param memory For `r`, where it is large enough; else new memory. */
export function correlationOf(moments: Moments, memory = new Float64Array()): Correlation {
  const { channels, mean, products, count } = moments;
  const std = moments.std();
  const isDead = range(channels).map((i) => !(std[i] > ROUNDING * Math.abs(mean[i])));
  const scale = std.map((value, i) => (isDead[i] ? 0 : 1 / value)); // a dead channel's r is 0
  const { length } = products;
  const r = memory.length < length ? new Float64Array(length) : memory.subarray(0, length);
  for (let i = 0, at = 0; i < channels; i++) {
    const own = scale[i] / count;
    r[at++] = isDead[i] ? 0 : 1;
    for (let j = i + 1; j < channels; j++, at++)
      r[at] = Math.max(-1, Math.min(1, products[at] * own * scale[j]));
  }
  return { channels, r, std, dead: range(channels).filter((i) => isDead[i]) };
}

/** Means over pairs of distinct living channels; null where there is no pair. */
export interface PairMeans {
  readonly r: number | null;
  readonly absR: number | null;
  readonly withinGroups: number | null;
  readonly acrossGroups: number | null;
}

/** @param groups Consecutive blocks of equal size that the channels fall into; it divides their number. */
export function pairMeans({ channels, r, dead }: Correlation, groups: number): PairMeans {
  const block = channels / groups;
  let [signed, within, across] = [0, 0, 0];
  for (let i = 0; i < channels; i++) {
    const [row, end] = [rowOf(i, channels), endOfBlock(i, block)];
    for (let j = i + 1; j < channels; j++) {
      const value = r[row + j];
      signed += value;
      if (j < end) within += Math.abs(value);
      else across += Math.abs(value);
    }
  }
  const living = new Array(groups).fill(block);
  for (const i of dead) living[Math.floor(i / block)]--;
  const pairs = pairsOf(channels - dead.length);
  const pairsWithin = sum(living.map(pairsOf));
  const mean = (total: number, count: number) => (count > 0 ? total / count : null);
  return {
    r: mean(signed, pairs),
    absR: mean(within + across, pairs),
    withinGroups: mean(within, pairsWithin),
    acrossGroups: mean(across, pairs - pairsWithin),
  };
}

function pairsOf(count: number): number {
  return (count * (count - 1)) / 2;
}

function endOfBlock(i: number, block: number): number {
  return (Math.floor(i / block) + 1) * block;
}

/** See {@link BlockScore}; for every group count between 1 and C that divides C. */
export function blockScores({ channels, r }: Correlation): BlockScore[] {
  const counts = divisors(channels).filter((groups) => groups > 1 && groups < channels);
  const inside = counts.map(() => 0);
  const before = new Float64Array(channels + 1); // squares of a row before each column
  let all = 0;
  for (let i = 0; i < channels; i++) {
    const row = rowOf(i, channels);
    before[i + 1] = 0;
    for (let j = i + 1; j < channels; j++) before[j + 1] = before[j] + r[row + j] ** 2;
    all += before[channels];
    for (const [k, groups] of counts.entries())
      inside[k] += before[endOfBlock(i, channels / groups)];
  }
  if (all === 0) return [];
  return counts.map((groups, k) => {
    const chance = (channels / groups - 1) / (channels - 1);
    return { groups, score: (inside[k] / all - chance) / (1 - chance) };
  });
}

/** Channels that go with an earlier one, ascending. */
export function duplicates({ channels, r }: Correlation): number[] {
  const found = new Set<number>();
  for (let i = 0; i < channels; i++) {
    const row = rowOf(i, channels);
    for (let j = i + 1; j < channels; j++) if (Math.abs(r[row + j]) >= DUPLICATE_R) found.add(j);
  }
  return [...found].sort((a, b) => a - b);
}

/** C^2 / sum of r^2 over living channels; null when there is none. See `ChannelSummary`. */
export function participationOf({ channels, r, dead }: Correlation): number | null {
  const living = channels - dead.length;
  if (living === 0) return null;
  let squares = 0;
  for (const value of r) squares += value * value;
  return living ** 2 / (2 * squares - living); // the diagonal counts once
}

/** The exponential of the entropy of the singular values; null when no channel lives. See `ChannelSummary`. */
export function effectiveRankOf({ channels, r, dead }: Correlation): number | null {
  const isDead = new Set(dead);
  const living = range(channels).filter((i) => !isDead.has(i));
  if (living.length === 0) return null;
  const matrix = new Matrix(living.map((i) => living.map((j) => r[pairAt(i, j, channels)])));
  const { realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const singular = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  const total = sum(singular);
  let entropy = 0;
  for (const value of singular) {
    const share = value / total;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.exp(entropy);
}
