import { range } from "../../util/math.js";
import type { Moments } from "./moments.js";
import { pairAt, rowOf } from "./triangle.js";

/** A channel that varies by no more than this share of its mean is constant: float32 rounds off a quarter of it. */
const ROUNDING = 2 ** -22;

/** What the channels of a value have to do with each other, read off their moments as long as these last. */
export class Correlation {
  readonly channels: number;
  /** Channels that are constant, ascending. Their r is 0, with themselves too. */
  readonly dead: readonly number[];
  readonly #products: Float64Array;
  /** Times products of two channels: r. */
  readonly #scale: Float64Array;

  constructor(moments: Moments) {
    const { channels, mean, products, count } = moments;
    const std = moments.std();
    const isDead = (i: number) => !(std[i] > ROUNDING * Math.abs(mean[i]));
    this.channels = channels;
    this.#products = products;
    this.#scale = std.map((value, i) => (isDead(i) ? 0 : 1 / (value * Math.sqrt(count))));
    this.dead = range(channels).filter(isDead);
  }

  /** Writes r of channel i with all that follow it, each at its own place in the row. */
  readRow(i: number, row: Float64Array): void {
    const [products, scale, start] = [this.#products, this.#scale, rowOf(i, this.channels)];
    const own = scale[i];
    for (let j = i + 1; j < this.channels; j++)
      row[j] = clamp(products[start + j] * own * scale[j]);
  }

  at(i: number, j: number): number {
    const [products, scale] = [this.#products, this.#scale];
    return clamp(products[pairAt(i, j, this.channels)] * scale[i] * scale[j]);
  }
}

function clamp(r: number): number {
  return r > 1 ? 1 : r < -1 ? -1 : r;
}
