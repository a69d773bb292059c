import { range } from "../../util/math.js";
import type { Statistics } from "./statistics.js";
import { pairsAt } from "./statistics-graph.js";
import { pairAt, rowOf, triangleSize } from "./triangle.js";

/**
 * Means and products of channels over any number of batches, in float64: as exact as if all had been one
 * batch (Chan, Golub and LeVeque 1979, http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf).
 */
export class Moments {
  count = 0;
  readonly mean: Float64Array;
  /** Sums over all observations of (xi - mean i)(xj - mean j): a triangle, see `triangle.ts`. */
  readonly products: Float64Array;

  /** @param memory For the products, where it is large enough; whatever it holds is written over. */
  constructor(
    readonly channels: number,
    memory?: Float64Array<ArrayBuffer>,
  ) {
    const size = triangleSize(channels);
    this.mean = new Float64Array(channels);
    this.products =
      memory && memory.length >= size ? memory.subarray(0, size) : new Float64Array(size);
  }

  add(batch: Statistics): void {
    const { channels, mean } = this;
    const count = this.count + batch.count;
    const delta = Float64Array.from(
      range(channels),
      (i) => batch.mean[i] + batch.residual[i] - mean[i],
    );
    const side = channels / batch.blocks;
    for (const [offset, products] of batch.products.entries())
      for (let block = 0; block < pairsAt(offset, batch.blocks); block++) {
        const at = block * side * side;
        const other = (block + offset) % batch.blocks;
        this.#addBlock(batch, delta, products, at, block * side, other * side);
      }
    for (let i = 0; i < channels; i++) mean[i] += (delta[i] * batch.count) / count;
    this.count = count;
  }

  /** The products of the channels from `top` on with those from `left` on, which stand at `start`. */
  #addBlock(
    { count, residual, blocks }: Statistics,
    delta: Float64Array,
    block: ArrayLike<number>,
    start: number,
    top: number,
    left: number,
  ): void {
    const { channels, products } = this;
    const side = channels / blocks;
    const between = (this.count * count) / (this.count + count);
    const isFirst = this.count === 0; // it finds memory that others may have used
    const [under, along] = top <= left ? [top, left] : [left, top]; // rows and columns of the triangle
    const [rowStride, columnStride] = top <= left ? [side, 1] : [1, side];
    for (let row = 0; row < side; row++) {
      const i = under + row;
      const [shift, lift] = [count * residual[i], between * delta[i]];
      const first = top === left ? row : 0;
      let at = rowOf(i, channels) + along + first;
      let from = start + row * rowStride + first * columnStride;
      const end = along + side;
      if (isFirst)
        for (let j = along + first; j < end; j++, at++, from += columnStride)
          products[at] = block[from] - shift * residual[j];
      else
        for (let j = along + first; j < end; j++, at++, from += columnStride)
          products[at] += block[from] - shift * residual[j] + lift * delta[j];
    }
  }

  /** Whether every value so far was finite, and no product too large for float32. */
  get isFinite(): boolean {
    // No product is larger than the squares of both its channels, and none is finite where one of them is not.
    return this.mean.every(Number.isFinite) && this.#squares().every(Number.isFinite);
  }

  /** `[C]`: the standard deviation of each channel over all observations, divisor `count`. */
  std(): Float64Array {
    return this.#squares().map((square) => Math.sqrt(Math.max(0, square) / this.count));
  }

  #squares(): Float64Array {
    return Float64Array.from(
      range(this.channels),
      (i) => this.products[pairAt(i, i, this.channels)],
    );
  }
}
