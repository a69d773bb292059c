import type { Tensor } from "../../tensor/index.js";
import { Collector } from "./collector.js";
import { Moments } from "./moments.js";
import { ShiftedMoments } from "./shifted-moments.js";
import { isShifted, type Reducer } from "./statistics.js";

/** What was measured of one value. */
export interface Measured {
  readonly moments: Moments;
  /** Null where there was no picture with halves. */
  readonly shifted: ShiftedMoments | null;
  /** The moments of two halves of the samples; null where they were not asked for. */
  readonly halves: readonly [Moments, Moments] | null;
}

/** Sums up one value over the batches of a pass. */
export class Probe {
  readonly #collector: Collector;
  /** Sums of what the collector had no room for. */
  #sums: Measured | null = null;

  /**
   * @param name Of the output that is looked at.
   * @param shape Of a full batch of it: `[N, C, ...size]`.
   * @param isHalved Whether halves of the samples are summed up, too.
   */
  constructor(
    readonly name: string,
    shape: readonly number[],
    batchCount: number,
    readonly isHalved: boolean,
  ) {
    this.#collector = new Collector(shape, batchCount);
  }

  /** A batch, which may be smaller than a full one; the one before it may be reduced first. */
  async take(batch: Tensor, reducer: Reducer): Promise<void> {
    if (this.#collector.isFull) {
      this.#sums ??= this.#newSums();
      await this.#reduce(this.#sums, reducer);
    }
    this.#collector.take(batch);
  }

  /** @param memory For the products, unless there were sums before the last batch. */
  async finish(reducer: Reducer, memory: Float64Array<ArrayBuffer>): Promise<Measured> {
    const sums = this.#sums ?? this.#newSums(memory);
    await this.#reduce(sums, reducer);
    return sums;
  }

  #newSums(memory?: Float64Array<ArrayBuffer>): Measured {
    const { channels, positions } = this.#collector;
    return {
      moments: new Moments(channels, memory),
      shifted: isShifted(channels, positions) ? new ShiftedMoments() : null,
      halves: this.isHalved ? [new Moments(channels), new Moments(channels)] : null,
    };
  }

  async #reduce({ moments, shifted, halves }: Measured, reducer: Reducer): Promise<void> {
    const batches = this.#collector.empty();
    const parts = halves ? await reducer.reduceHalves(batches) : [await reducer.reduce(batches)];
    for (const part of parts) {
      moments.add(part);
      if (part.shifted) shifted?.add(part.shifted);
      if (halves) smaller(...halves).add(part);
    }
  }
}

function smaller(a: Moments, b: Moments): Moments {
  return a.count <= b.count ? a : b;
}
