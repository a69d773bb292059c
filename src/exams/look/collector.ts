import { type Tensor, tensor, toFloat64 } from "../../tensor/index.js";
import { ceilDiv, product } from "../../util/math.js";
import type { Observations } from "./observations.js";

/** Fewer observations are multiplied in less time than it takes to ask for it. */
const FEW_OBSERVATIONS = 2048;

/**
 * Memory for what is seen of one value, batch after batch, until there are about twice as many observations as
 * channels: a matrix of products is then well smaller than what it is made of, and worth its making.
 */
export class Collector {
  readonly channels: number;
  readonly positions: number;
  readonly #batchSamples: number;
  readonly #data: Float32Array;
  #samples = 0;

  /**
   * @param shape Of a full batch: `[N, C, ...size]`.
   * @param batchCount How many batches there are.
   */
  constructor(
    readonly shape: readonly number[],
    batchCount: number,
  ) {
    const [samples, channels, ...size] = shape;
    this.channels = channels;
    this.positions = product(size);
    this.#batchSamples = samples;
    this.#data = new Float32Array(batchesHeld(shape, batchCount) * product(shape));
  }

  /** Where the next full batch is to be written. */
  room(): Tensor {
    const start = this.#samples * this.channels * this.positions;
    return tensor(this.#data.subarray(start, start + product(this.shape)), this.shape);
  }

  /** Takes a batch, which may be smaller than a full one; what was written to `room` is there already. */
  take(batch: Tensor): void {
    const start = this.#samples * this.channels * this.positions;
    const { dtype, bytes, size } = batch;
    if (batch.data.buffer !== this.#data.buffer)
      this.#data.set(
        dtype === "float32" ? (batch.data as Float32Array) : toFloat64(dtype, bytes, size),
        start,
      );
    this.#samples += batch.shape[0];
  }

  /** Whether a full batch has no place left. */
  get isFull(): boolean {
    const held = (this.#samples + this.#batchSamples) * this.channels * this.positions;
    return held > this.#data.length;
  }

  /** Everything collected; the next batch overwrites it. */
  empty(): Observations {
    const { channels, positions } = this;
    const samples = this.#samples;
    this.#samples = 0;
    const data = this.#data.subarray(0, samples * channels * positions);
    return { data, samples, channels, positions };
  }
}

/** Full batches of a value that a {@link Collector} has room for: all of them, or parts about equal. */
export function batchesHeld(shape: readonly number[], batchCount: number): number {
  const [samples, channels, ...size] = shape;
  const wanted = Math.max(2 * channels, FEW_OBSERVATIONS);
  const parts = Math.max(1, Math.round((batchCount * samples * product(size)) / wanted));
  return ceilDiv(batchCount, Math.min(batchCount, parts));
}
