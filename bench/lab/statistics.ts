/** Two-sided 95 % points of Student's t for 1, 2, ... degrees of freedom. */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131,
];

export interface Estimate {
  readonly mean: number;
  /** Standard deviation of the values. */
  readonly deviation: number;
  /** 95 % interval of the mean, by Student's t. */
  readonly low: number;
  readonly high: number;
}

export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = n > 1 ? Math.sqrt(square / (n - 1)) : Number.NaN;
  const half = (T95[Math.min(n - 2, T95.length - 1)] * deviation) / Math.sqrt(n);
  return { mean, deviation, low: mean - half, high: mean + half };
}

export type Verdict = "supported" | "not supported" | "undecided";

/**
 * What a difference says of the claim that it is positive: supported when its interval is above zero; not
 * supported when a difference that would matter is outside of it; otherwise the runs do not tell.
 *
 * @param matters The smallest difference that would matter.
 */
export function judge({ low, high }: Estimate, matters: number): Verdict {
  if (low > 0) return "supported";
  return high < matters ? "not supported" : "undecided";
}
