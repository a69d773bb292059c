import { type Tensor, toFloat64 } from "../../tensor/index.js";
import { sum } from "../../util/math.js";
import { shareInterval } from "../../util/statistics.js";
import { Series } from "../series.js";
import type { Effect, OutputEffect } from "./section.js";

/** How far a value is from what it was, over any number of batches, in float64. */
export class Difference {
  #squares = 0;
  #reference = 0;
  #samples = 0;
  #agreeing = 0;
  #isClassifier = true;
  /** Relative error of each sample; null where its first axis has none. */
  #each: Series | null = new Series();

  constructor(readonly name: string) {}

  /**
   * Adds a batch.
   *
   * @param batchSamples Samples of the batch.
   * @param order Where the found value has its channels in another order: place i has channel `order[i]`.
   */
  add(
    reference: Tensor,
    found: Tensor,
    batchSamples: number,
    order: readonly number[] | null = null,
  ): void {
    const [was, is] = [numbersOf(reference), numbersOf(found)];
    const [samples = 1, channels = 1] = reference.shape;
    const size = was.length / (samples * channels);
    if (samples !== batchSamples || reference.shape.length === 0) this.#each = null;
    const [squares, references] = [new Float64Array(samples), new Float64Array(samples)];
    for (let at = 0, plane = 0; at < is.length; plane++) {
      const sample = Math.floor(plane / channels);
      const channel = order?.[plane % channels] ?? plane % channels;
      for (let from = (sample * channels + channel) * size, end = from + size; from < end; from++) {
        const difference = is[at++] - was[from];
        squares[sample] += difference * difference;
        references[sample] += was[from] * was[from];
      }
    }
    this.#squares += sum(squares);
    this.#reference += sum(references);
    for (const [sample, square] of squares.entries())
      this.#each?.push(square === 0 ? 0 : Math.sqrt(square / references[sample]));
    this.#isClassifier &&= reference.shape.length === 2 && channels > 1;
    if (!this.#isClassifier) return;
    this.#samples += samples;
    for (let first = 0; first < was.length; first += channels)
      if (largest(was, first, channels) === largest(is, first, channels)) this.#agreeing++;
  }

  effect(): Effect {
    const { name } = this;
    const error = Math.sqrt(this.#squares / this.#reference);
    const relativeErrorSpread = this.#each?.spread() ?? null;
    if (this.#squares === 0) return { name, relativeError: 0, relativeErrorSpread };
    return { name, relativeError: Number.isFinite(error) ? error : null, relativeErrorSpread };
  }

  outputEffect(): OutputEffect {
    const isKnown = this.#isClassifier && this.#samples > 0;
    return {
      ...this.effect(),
      top1Agreement: isKnown ? this.#agreeing / this.#samples : null,
      top1AgreementInterval: isKnown ? shareInterval(this.#agreeing, this.#samples) : null,
      top1Samples: isKnown ? this.#samples : null,
    };
  }
}

type Numbers = Float32Array | Float64Array;

function numbersOf({ dtype, data, bytes, size }: Tensor): Numbers {
  return dtype === "float32" ? (data as Float32Array) : toFloat64(dtype, bytes, size);
}

/** Place of the largest of `count` numbers; the first of equals. */
function largest(numbers: Numbers, first: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (numbers[first + i] > numbers[first + best]) best = i;
  return best;
}
