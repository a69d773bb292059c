import type { Spread } from "../../util/statistics.js";

/** `0.43 (0.38 to 0.51)`: a number and the quartiles it has; the number alone where it was measured once. */
export function withQuartiles(
  text: string,
  spread: Spread | null,
  write: (value: number) => string,
): string {
  if (spread === null || spread.samples < 2) return text;
  return `${text} (${write(spread.low)} to ${write(spread.high)})`;
}

/** `0.31 ±0.12`: a mean of correlations and their standard deviation. */
export function withDeviation(mean: number, sd: number): string {
  return `${mean.toFixed(2)} ±${sd.toFixed(2)}`;
}
