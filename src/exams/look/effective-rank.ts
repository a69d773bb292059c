import { range, sum } from "../../util/math.js";
import type { Correlation } from "./correlation.js";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.js";

/** What float32 may round off r; of an eigenvalue it is that times the root of the channels. */
const ROUNDING = 2 ** -22;

/** The exponential of the entropy of the singular values; null when no channel lives. See `ChannelSummary`. */
export function effectiveRankOf(correlation: Correlation): number | null {
  const isDead = new Set(correlation.dead);
  const living = range(correlation.channels).filter((i) => !isDead.has(i));
  const size = living.length;
  if (size === 0) return null;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) matrix[i * size + j] = correlation.at(living[i], living[j]);
  // The root of what is rounded off is far larger, and there may be one for each channel.
  const least = ROUNDING * Math.sqrt(size);
  const eigenvalues = symmetricEigenvalues(matrix, size).filter((value) => value > least);
  const singular = Array.from(eigenvalues, Math.sqrt);
  const total = sum(singular);
  let entropy = 0;
  for (const value of singular) entropy -= (value / total) * Math.log(value / total);
  return Math.exp(entropy);
}
