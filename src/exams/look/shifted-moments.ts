import { range } from "../../util/math.js";
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

  /** Mean |r| of a channel with another one half a picture away; null with fewer than two that vary. */
  meanAbsR(): number | null {
    const count = this.#squares.length;
    const living = range(count).filter((i) => this.#squares[i] > 0);
    if (living.length < 2) return null;
    let total = 0;
    for (const i of living)
      for (const j of living) {
        if (i === j) continue;
        // The first half of i with the second of j, and the second of i with the first of j.
        const both = this.#products[i * count + j] + this.#products[j * count + i];
        total += Math.abs(both) / Math.sqrt(this.#squares[i] * this.#squares[j]);
      }
    return total / (living.length * (living.length - 1));
  }
}
