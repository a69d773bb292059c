import { range } from "../../util/math.js";
import { type MeanAndSd, meanAndSd } from "../../util/statistics.js";
import type { ShiftedStatistics } from "./statistics.js";

/** Sums of {@link ShiftedStatistics} over batches, in float64. */
export class ShiftedMoments {
  #products = new Float64Array();
  #squares = new Float64Array();

  add({ products, squares }: ShiftedStatistics): void {
    if (this.#squares.length === 0) {
      this.#products = new Float64Array(products.length);
      this.#squares = new Float64Array(squares.length);
    }
    for (let i = 0; i < products.length; i++) this.#products[i] += products[i];
    for (let i = 0; i < squares.length; i++) this.#squares[i] += squares[i];
  }

  /** |r| of a channel with another one half a picture away, over the pairs; null with fewer than two that vary. */
  absR(): MeanAndSd | null {
    const count = this.#squares.length;
    const living = range(count).filter((i) => this.#squares[i] > 0);
    if (living.length < 2) return null;
    const each: number[] = [];
    for (const i of living)
      for (const j of living) {
        if (i >= j) continue;
        // The first half of i with the second of j, and the second of i with the first of j.
        const both = this.#products[i * count + j] + this.#products[j * count + i];
        each.push(Math.abs(both) / Math.sqrt(this.#squares[i] * this.#squares[j]));
      }
    return meanAndSd(each);
  }
}
