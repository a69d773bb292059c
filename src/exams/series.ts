import { type Spread, spreadOf } from "../util/statistics.js";

/** Numbers that are kept at most: a network has hundreds of layers, and data may have any number of samples. */
const MOST = 4096;

/**
 * One number for each sample, or batch, in their order. Of more than 4096 every second is kept, of more than twice
 * that every fourth, and so on: two series of the same samples keep the same ones.
 */
export class Series {
  readonly #most: number;
  #kept: number[] = [];
  #seen = 0;
  #step = 1;

  constructor(most = MOST) {
    this.#most = most;
  }

  push(value: number): void {
    if (this.#seen++ % this.#step === 0) this.#kept.push(value);
    if (this.#kept.length <= this.#most) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#step *= 2;
  }

  get numbers(): readonly number[] {
    return this.#kept;
  }

  /** Of those that are finite; null where there are none. */
  spread(): Spread | null {
    return finiteSpread(this.#kept);
  }
}

/** Quartiles of those that are finite; null where none is. */
export function finiteSpread(numbers: readonly number[]): Spread | null {
  const finite = numbers.filter(Number.isFinite);
  if (finite.length === 0) return null;
  const { median, low, high, samples } = spreadOf(finite);
  const [shortMedian, shortLow, shortHigh] = [median, low, high].map(shortNumber);
  return { median: shortMedian, low: shortLow, high: shortHigh, samples };
}

/** As many digits as float32 has. */
export function shortNumber(value: number): number {
  return Number(value.toPrecision(8));
}
