import type { Tensor } from "../../tensor/index.js";
import { ceilDiv, product } from "../../util/math.js";

/** Fewer observations are multiplied in less time than it takes to ask for it. */
const FEW_OBSERVATIONS = 2048;

/**
 * Batches of one value, as the runtime gave them, until there are about twice as many observations as channels: a
 * matrix of products is then well smaller than what it is made of, and worth its making.
 */
export class Collector {
  readonly channels: number;
  readonly positions: number;
  readonly #most: number;
  #batches: Tensor[] = [];

  /**
   * @param shape Of a full batch: `[N, C, ...size]`.
   * @param batchCount How many batches there are.
   */
  constructor(shape: readonly number[], batchCount: number) {
    const [, channels, ...size] = shape;
    this.channels = channels;
    this.positions = product(size);
    this.#most = batchesHeld(shape, batchCount);
  }

  /** Takes a batch, which may be smaller than a full one. */
  take(batch: Tensor): void {
    this.#batches.push(batch);
  }

  get isFull(): boolean {
    return this.#batches.length === this.#most;
  }

  /** Everything collected, which is then forgotten. */
  empty(): Tensor[] {
    const batches = this.#batches;
    this.#batches = [];
    return batches;
  }
}

/** Batches of a value that a {@link Collector} takes: all of them, or parts about equal. */
export function batchesHeld(shape: readonly number[], batchCount: number): number {
  const [samples, channels, ...size] = shape;
  const wanted = Math.max(2 * channels, FEW_OBSERVATIONS);
  const parts = Math.max(1, Math.round((batchCount * samples * product(size)) / wanted));
  return ceilDiv(batchCount, Math.min(batchCount, parts));
}
