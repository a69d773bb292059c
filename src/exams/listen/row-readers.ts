import type { Spread } from "../../util/statistics.js";
import { Series } from "../series.js";
import { mean, type Row, type RowReader } from "./magnitudes.js";

/** The least and the most that each part ever had of the sum over parts, in one sample or batch. */
export class ShareRange implements RowReader {
  readonly #least: Float64Array;
  readonly #most: Float64Array;

  constructor(parts: number) {
    this.#least = new Float64Array(parts).fill(Number.POSITIVE_INFINITY);
    this.#most = new Float64Array(parts).fill(Number.NEGATIVE_INFINITY);
  }

  read({ meanSquares }: Row): void {
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

/** How far the samples', or batches', own sizes of each part lie apart. */
export class PartDeviations implements RowReader {
  #rows = 0;
  readonly #abs: RunningDeviations;
  readonly #rms: RunningDeviations;

  constructor(parts: number) {
    this.#abs = new RunningDeviations(parts);
    this.#rms = new RunningDeviations(parts);
  }

  read({ meanAbs, meanSquares, factor }: Row): void {
    this.#rows++;
    for (let part = 0; part < meanAbs.length; part++) {
      this.#abs.add(part, factor * meanAbs[part], this.#rows);
      this.#rms.add(part, factor * Math.sqrt(meanSquares[part]), this.#rows);
    }
  }

  /** Standard deviations of each part's mean of |v|; null of a single row. */
  meanAbs(): number[] | null {
    return this.#rows < 2 ? null : this.#abs.sd(this.#rows);
  }

  /** The same of its rms. */
  rms(): number[] | null {
    return this.#rows < 2 ? null : this.#rms.sd(this.#rows);
  }
}

/** Of several series side by side, in one pass (Welford 1962, https://doi.org/10.1080/00401706.1962.10490022). */
class RunningDeviations {
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;

  constructor(series: number) {
    this.#mean = new Float64Array(series);
    this.#squares = new Float64Array(series);
  }

  /** @param count Of numbers in the series, this one among them. */
  add(series: number, value: number, count: number): void {
    const before = value - this.#mean[series];
    this.#mean[series] += before / count;
    this.#squares[series] += before * (value - this.#mean[series]);
  }

  sd(count: number): number[] {
    return Array.from(this.#squares, (total) => Math.sqrt(total / count));
  }
}

/** Of parts that are pairs of groups: sizes of the pairs of a group with itself and with others, in each batch. */
export class DenseSizes implements RowReader {
  readonly #within = new Series();
  readonly #across = new Series();
  readonly #ratios = new Series();

  constructor(readonly groups: number) {}

  read({ meanSquares, factor }: Row): void {
    const { within, across, all } = denseSquares(meanSquares, this.groups);
    this.#within.push(factor * Math.sqrt(within));
    this.#across.push(factor * Math.sqrt(across));
    this.#ratios.push(Math.sqrt(within / all));
  }

  within(): Spread | null {
    return this.#within.spread();
  }

  across(): Spread | null {
    return this.#across.spread();
  }

  /** Of the pairs of a group with itself over all. */
  ratio(): Spread | null {
    return this.#ratios.spread();
  }
}

/** Means over the pairs of a group with itself, over those with others, and over all. @param pairs `[groups, groups]`. */
export function denseSquares(pairs: ArrayLike<number>, groups: number) {
  const all = mean(pairs);
  let within = 0;
  for (let group = 0; group < groups; group++) within += pairs[group * (groups + 1)] / groups;
  return { within, across: Math.max(0, (groups * all - within) / (groups - 1)), all };
}
