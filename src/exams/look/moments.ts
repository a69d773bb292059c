import { range } from "../../util/math.js";

/** Of one batch: see `StatisticsPorts`. */
export interface BatchMoments {
  /** Observations of each channel. */
  readonly count: number;
  /** `[C]`: near the mean; what it lacks is in `residual`. */
  readonly mean: ArrayLike<number>;
  /** `[C]` */
  readonly residual: ArrayLike<number>;
  /** `[C, C]`: sums of products of what is left once `mean` is subtracted. */
  readonly products: ArrayLike<number>;
}

/**
 * Means and products of channels over any number of batches, in float64: as exact as if all had been one
 * batch (Chan, Golub and LeVeque 1979, http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf).
 */
export class Moments {
  count = 0;
  readonly mean: Float64Array;
  /** `[C, C]`: sums over all observations of (xi - mean i)(xj - mean j). */
  readonly products: Float64Array;

  constructor(readonly channels: number) {
    this.mean = new Float64Array(channels);
    this.products = new Float64Array(channels * channels);
  }

  add(batch: BatchMoments): void {
    const { channels, mean, products } = this;
    const count = this.count + batch.count;
    const delta = Float64Array.from(
      range(channels),
      (i) => batch.mean[i] + batch.residual[i] - mean[i],
    );
    const between = (this.count * batch.count) / count;
    for (let i = 0, at = 0; i < channels; i++) {
      const shift = batch.count * batch.residual[i];
      for (let j = 0; j < channels; j++, at++)
        products[at] +=
          batch.products[at] - shift * batch.residual[j] + between * delta[i] * delta[j];
    }
    for (let i = 0; i < channels; i++) mean[i] += (delta[i] * batch.count) / count;
    this.count = count;
  }

  /** Whether every value so far was finite, and no product too large for float32. */
  get isFinite(): boolean {
    return this.mean.every(Number.isFinite) && this.products.every(Number.isFinite);
  }

  /** `[C]`: the standard deviation of each channel over all observations, divisor `count`. */
  std(): Float64Array {
    return Float64Array.from(range(this.channels), (i) =>
      Math.sqrt(Math.max(0, this.products[i * (this.channels + 1)]) / this.count),
    );
  }
}
