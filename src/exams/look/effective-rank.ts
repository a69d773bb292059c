import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { range, sum } from "../../util/math.js";
import type { Correlation } from "./correlation.js";

/** The exponential of the entropy of the singular values; null when no channel lives. See `ChannelSummary`. */
export function effectiveRankOf(correlation: Correlation): number | null {
  const isDead = new Set(correlation.dead);
  const living = range(correlation.channels).filter((i) => !isDead.has(i));
  if (living.length === 0) return null;
  const matrix = new Matrix(living.map((i) => living.map((j) => correlation.at(i, j))));
  // No eigenvalue of a correlation matrix is negative: they are its singular values, which are had without vectors.
  const { diagonal } = new SingularValueDecomposition(matrix, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
  });
  const singular = diagonal.map((value) => Math.sqrt(value));
  const total = sum(singular);
  let entropy = 0;
  for (const value of singular) {
    const share = value / total;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.exp(entropy);
}
