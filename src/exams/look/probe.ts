import type { Tensor } from "../../tensor/index.js";
import { range } from "../../util/math.js";
import { Collector } from "./collector.js";
import type { Follower } from "./follower.js";
import { Moments } from "./moments.js";
import { halvesOf, type Observations } from "./observations.js";
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

export interface ProbeOptions {
  readonly batchCount: number;
  /** Whether halves of the samples are summed up, too. */
  readonly isHalved: boolean;
  /** Computes what is summed up beside the value. */
  readonly follower: Follower | null;
}

/** Sums up one value over the batches of a pass, and what follows from it. */
export class Probe {
  readonly #collector: Collector;
  readonly #options: ProbeOptions;
  /** Sums of what the collector had no room for: of the value, and of what follows. */
  #sums: Measured[] | null = null;

  /**
   * @param name Of the output that is looked at.
   * @param shape Of a full batch of it: `[N, C, ...size]`.
   */
  constructor(
    readonly name: string,
    shape: readonly number[],
    options: ProbeOptions,
  ) {
    this.#collector = new Collector(shape, options.batchCount);
    this.#options = options;
  }

  /** A batch, which may be smaller than a full one; the one before it may be reduced first. */
  async take(batch: Tensor, reducer: Reducer): Promise<void> {
    if (this.#collector.isFull) {
      this.#sums ??= this.#newSums();
      await this.#reduce(this.#sums, reducer);
    }
    this.#collector.take(batch);
  }

  /**
   * What the value came to, and what follows from it.
   *
   * @param memory For the products of each, unless there were sums before the last batch.
   */
  async finish(
    reducer: Reducer,
    memory: readonly Float64Array<ArrayBuffer>[],
  ): Promise<[own: Measured, following?: Measured]> {
    const sums = this.#sums ?? this.#newSums(memory);
    await this.#reduce(sums, reducer);
    return sums as [Measured, Measured?];
  }

  #newSums(memory: readonly Float64Array<ArrayBuffer>[] = []): Measured[] {
    const { channels, positions } = this.#collector;
    const { isHalved, follower } = this.#options;
    return range(follower ? 2 : 1).map((index) => ({
      moments: new Moments(channels, memory[index]),
      shifted: isShifted(channels, positions) ? new ShiftedMoments() : null,
      halves: isHalved ? [new Moments(channels), new Moments(channels)] : null,
    }));
  }

  async #reduce([own, following]: readonly Measured[], reducer: Reducer): Promise<void> {
    const observations = reducer.join(this.#collector.empty());
    await addTo(own, observations, reducer);
    const { follower } = this.#options;
    if (follower) await addTo(following, await reducer.follow(observations, follower), reducer);
  }
}

async function addTo(
  { moments, shifted, halves }: Measured,
  observations: Observations,
  reducer: Reducer,
): Promise<void> {
  for (const part of halves ? halvesOf(observations) : [observations]) {
    const statistics = await reducer.reduce(part);
    moments.add(statistics);
    if (statistics.shifted) shifted?.add(statistics.shifted);
    if (halves) smaller(...halves).add(statistics);
  }
}

function smaller(a: Moments, b: Moments): Moments {
  return a.count <= b.count ? a : b;
}
