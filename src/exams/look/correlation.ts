import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { divisors, range, sum } from "../../util/math.js";
import type { Moments } from "./moments.js";
import type { BlockScore } from "./section.js";

/** From this |r| on two channels are one. */
export const DUPLICATE_R = 0.99;

/** A channel that varies by no more than this share of its mean is constant: float32 rounds off a quarter of it. */
const ROUNDING = 2 ** -22;

/** A correlation matrix, and which of its channels live. */
export interface Correlation {
  readonly channels: number;
  /** `[C, C]`, row by row; 0 in the rows and columns of dead channels, 1 on the diagonal of others. */
  readonly r: Float64Array;
  /** Channels that are constant, ascending. */
  readonly dead: readonly number[];
  readonly std: Float64Array;
}

export function correlationOf(moments: Moments): Correlation {
  const { channels, mean, products } = moments;
  const std = moments.std();
  const isDead = range(channels).map((i) => !(std[i] > ROUNDING * Math.abs(mean[i])));
  const r = new Float64Array(channels * channels);
  for (let i = 0, at = 0; i < channels; i++)
    for (let j = 0; j < channels; j++, at++) {
      if (isDead[i] || isDead[j]) continue;
      const value = products[at] / (moments.count * std[i] * std[j]);
      r[at] = i === j ? 1 : Math.max(-1, Math.min(1, value));
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
  const isDead = new Set(dead);
  let [signed, within, across, pairsWithin, pairsAcross] = [0, 0, 0, 0, 0];
  for (let i = 0; i < channels; i++) {
    if (isDead.has(i)) continue;
    for (let j = i + 1; j < channels; j++) {
      if (isDead.has(j)) continue;
      const value = r[i * channels + j];
      signed += value;
      if (Math.floor(i / block) === Math.floor(j / block)) {
        within += Math.abs(value);
        pairsWithin++;
      } else {
        across += Math.abs(value);
        pairsAcross++;
      }
    }
  }
  const pairs = pairsWithin + pairsAcross;
  const mean = (total: number, count: number) => (count > 0 ? total / count : null);
  return {
    r: mean(signed, pairs),
    absR: mean(within + across, pairs),
    withinGroups: mean(within, pairsWithin),
    acrossGroups: mean(across, pairsAcross),
  };
}

/** See {@link BlockScore}; for every group count between 1 and C that divides C. */
export function blockScores({ channels, r }: Correlation): BlockScore[] {
  let all = 0;
  for (let i = 0; i < channels; i++)
    for (let j = i + 1; j < channels; j++) all += r[i * channels + j] ** 2;
  if (all === 0) return [];
  return divisors(channels)
    .filter((groups) => groups > 1 && groups < channels)
    .map((groups) => {
      const block = channels / groups;
      let inside = 0;
      for (let i = 0; i < channels; i++) {
        const end = (Math.floor(i / block) + 1) * block;
        for (let j = i + 1; j < end; j++) inside += r[i * channels + j] ** 2;
      }
      const chance = (block - 1) / (channels - 1);
      return { groups, score: (inside / all - chance) / (1 - chance) };
    });
}

/** Channels that go with an earlier one, ascending. */
export function duplicates({ channels, r }: Correlation): number[] {
  return range(channels).filter((j) => {
    for (let i = 0; i < j; i++) if (Math.abs(r[i * channels + j]) >= DUPLICATE_R) return true;
    return false;
  });
}

/** C^2 / sum of r^2 over living channels; null when there is none. See `ChannelSummary`. */
export function participationOf({ channels, r, dead }: Correlation): number | null {
  const living = channels - dead.length;
  if (living === 0) return null;
  let squares = 0;
  for (const value of r) squares += value * value;
  return living ** 2 / squares;
}

/** The exponential of the entropy of the singular values; null when no channel lives. See `ChannelSummary`. */
export function effectiveRankOf({ channels, r, dead }: Correlation): number | null {
  const isDead = new Set(dead);
  const living = range(channels).filter((i) => !isDead.has(i));
  if (living.length === 0) return null;
  const matrix = new Matrix(living.map((i) => living.map((j) => r[i * channels + j])));
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
