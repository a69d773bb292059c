import type { Tensor } from "../../tensor/index.js";
import type { MeanAndSd } from "../../util/statistics.js";
import { Correlation } from "../look/correlation.js";
import { Moments } from "../look/moments.js";
import { summarizePairs } from "../look/pairs.js";
import type { Reducer } from "../look/statistics.js";

/** |r| between the channels of a value, over any number of batches. */
export class ChannelCorrelation {
  readonly #moments: Moments;
  #isMeasured = true;

  constructor(channels: number) {
    this.#moments = new Moments(channels);
  }

  /** Adds a batch `[N, C, ...size]`, whose tiniest values may become zeros. */
  async add(batch: Tensor, reducer: Reducer): Promise<void> {
    this.#isMeasured &&= batch.dtype === "float32";
    if (this.#isMeasured) this.#moments.add(await reducer.reduce(reducer.join([batch])));
  }

  /** Over pairs of channels; null where there are none, or no numbers. */
  absR(): MeanAndSd | null {
    if (!this.#isMeasured || !this.#moments.isFinite) return null;
    return summarizePairs(new Correlation(this.#moments), { groups: 1, matrixSize: 1 }).means.absR;
  }
}
