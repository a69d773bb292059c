import { range, sum } from "../../util/math.js";
import type { Correlation } from "./correlation.js";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.js";

/** The exponential of the entropy of the singular values; null when no channel lives. See `ChannelSummary`. */
export function effectiveRankOf(correlation: Correlation): number | null {
  const isDead = new Set(correlation.dead);
  const living = range(correlation.channels).filter((i) => !isDead.has(i));
  const size = living.length;
  if (size === 0) return null;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) matrix[i * size + j] = correlation.at(living[i], living[j]);
  // No eigenvalue of a correlation matrix is negative, but for rounding.
  const eigenvalues = symmetricEigenvalues(matrix, size);
  const singular = Array.from(eigenvalues, (value) => Math.sqrt(Math.max(0, value)));
  const total = sum(singular);
  let entropy = 0;
  for (const value of singular) {
    const share = value / total;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.exp(entropy);
}
