import type { Spread } from "../../util/statistics.js";
import { Series } from "../series.js";
import { mean, type RowReader } from "./magnitudes.js";

/** The least and the most that each part ever had of the sum over parts, in one sample or batch. */
export class ShareRange implements RowReader {
  readonly #least: Float64Array;
  readonly #most: Float64Array;

  constructor(parts: number) {
    this.#least = new Float64Array(parts).fill(Number.POSITIVE_INFINITY);
    this.#most = new Float64Array(parts).fill(Number.NEGATIVE_INFINITY);
  }

  read(meanSquares: Float32Array): void {
    let total = 0;
    for (const square of meanSquares) total += Math.sqrt(square);
    if (!(total > 0)) return; // where all are 0 there are no shares
    for (let part = 0; part < meanSquares.length; part++) {
      const share = Math.sqrt(meanSquares[part]) / total;
      if (share < this.#least[part]) this.#least[part] = share;
      if (share > this.#most[part]) this.#most[part] = share;
    }
  }

  /** Null where all were 0 in each. */
  range(): { readonly least: readonly number[]; readonly most: readonly number[] } | null {
    if (!Number.isFinite(this.#least[0])) return null;
    return { least: [...this.#least], most: [...this.#most] };
  }
}

/** Of parts that are pairs of groups: rms of the pairs of a group with itself over that of all, in each batch. */
export class WithinRatios implements RowReader {
  readonly #ratios = new Series();

  constructor(readonly groups: number) {}

  read(meanSquares: Float32Array): void {
    this.#ratios.push(Math.sqrt(withinMean(meanSquares, this.groups) / mean(meanSquares)));
  }

  spread(): Spread | null {
    return this.#ratios.spread();
  }
}

/** Mean over the pairs of a group with itself. @param pairs `[groups, groups]`. */
export function withinMean(pairs: ArrayLike<number>, groups: number): number {
  let total = 0;
  for (let group = 0; group < groups; group++) total += pairs[group * (groups + 1)];
  return total / groups;
}
