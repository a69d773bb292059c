/** Summaries of repeated measurements; imports nothing but arithmetic. */

import { sum } from "./math.js";

/** Repeated measurements of one quantity, in its unit. */
export interface Spread {
  readonly median: number;
  /** First and third quartile: half of the measurements lie between. */
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/** The measurements must not be empty. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number) => quantileOfSorted(sorted, share);
  return { median: at(0.5), low: at(0.25), high: at(0.75), samples: sorted.length };
}

export function median(numbers: readonly number[]): number {
  return quantileOfSorted(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );
}

/** Linear between the two nearest, as numpy does by default. */
function quantileOfSorted(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  return below + (above - below) * (position - Math.floor(position));
}

/** Over all there is: the divisor is their number. */
export interface MeanAndSd {
  readonly mean: number;
  readonly sd: number;
}

/** The measurements must not be empty. */
export function meanAndSd(numbers: readonly number[]): MeanAndSd {
  const mean = sum(numbers) / numbers.length;
  return { mean, sd: Math.sqrt(sum(numbers.map((n) => (n - mean) ** 2)) / numbers.length) };
}

/** The quantile of a normal distribution that 95 % lie within, either side. */
const WITHIN_95_PERCENT = 1.959964;

/**
 * Where the probability lies of what happened so many times of so many, to 95 %: Wilson's score interval (Wilson 1927,
 * https://doi.org/10.1080/01621459.1927.10502953), which holds for few trials and near 0 and 1.
 */
export function shareInterval(times: number, of: number): readonly [low: number, high: number] {
  const share = times / of;
  const z2 = WITHIN_95_PERCENT ** 2;
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const reach =
    (WITHIN_95_PERCENT * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of))) /
    (1 + z2 / of);
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}

/** From the median absolute deviation to the standard deviation of a normal distribution. */
const MAD_TO_STANDARD_DEVIATION = 1.4826;
/** Standard error of a median over that of a mean, for a normal distribution: sqrt(pi / 2). */
const MEDIAN_OVER_MEAN = Math.sqrt(Math.PI / 2);

/** Standard error of the median, by the median absolute deviation: outliers hardly count. */
export function medianError(numbers: readonly number[]): number {
  const middle = median(numbers);
  const deviation = median(numbers.map((n) => Math.abs(n - middle)));
  return (MEDIAN_OVER_MEAN * MAD_TO_STANDARD_DEVIATION * deviation) / Math.sqrt(numbers.length);
}

/**
 * Spearman's rank correlation of two equally long lists, ties given their mean rank. NaN when all numbers
 * of one list are equal: there is nothing to rank.
 */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  const dot = (u: readonly number[], v: readonly number[]) =>
    sum(u.map((rank, i) => (rank - mean) * (v[i] - mean)));
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

function ranks(numbers: readonly number[]): number[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const first = new Map<number, number>();
  const count = new Map<number, number>();
  for (const [i, n] of sorted.entries()) {
    if (!first.has(n)) first.set(n, i);
    count.set(n, (count.get(n) ?? 0) + 1);
  }
  return numbers.map((n) => first.get(n)! + (count.get(n)! - 1) / 2);
}
