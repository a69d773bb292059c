import type { Tensor } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";
import { product } from "../util/math.js";

/**
 * What a least-squares fit of a 1x1 convolution needs to know of any amount of data: x, which it reads, and
 * t, which it shall give. A sample is one pixel; all sums are over samples, in float64.
 */
export class PointwiseSums {
  count = 0;
  /** Σ x xᵀ, `[C, C]`. */
  readonly xx: Float64Array;
  /** Σ t xᵀ, `[M, C]`. */
  readonly tx: Float64Array;
  /** Σ x, `[C]`. */
  readonly x: Float64Array;
  /** Σ t, `[M]`. */
  readonly t: Float64Array;
  /** Σ t², `[M]`. */
  readonly tt: Float64Array;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
  ) {
    this.xx = new Float64Array(inChannels * inChannels);
    this.tx = new Float64Array(outChannels * inChannels);
    this.x = new Float64Array(inChannels);
    this.t = new Float64Array(outChannels);
    this.tt = new Float64Array(outChannels);
  }

  /**
   * Adds a batch: x `[N, C, ...size]` and t `[N, M, ...size]`. Takes N * size * C * (C / 2 + M)
   * multiplications.
   *
   * @throws ShapeError if the shapes do not fit each other or the channels.
   */
  add(x: Tensor<"float32">, t: Tensor<"float32">): void {
    this.#check(x, t);
    const { inChannels, outChannels } = this;
    const size = product(x.shape.slice(2));
    for (let sample = 0; sample < x.shape[0]; sample++) {
      const inputs = planes(x, sample, inChannels, size);
      const targets = planes(t, sample, outChannels, size);
      for (const [i, plane] of inputs.entries()) {
        this.x[i] += sumOf(plane);
        for (let j = 0; j <= i; j++) {
          const both = dot(plane, inputs[j]);
          this.xx[i * inChannels + j] += both;
          if (j < i) this.xx[j * inChannels + i] += both;
        }
      }
      for (const [m, plane] of targets.entries()) {
        this.t[m] += sumOf(plane);
        this.tt[m] += dot(plane, plane);
        for (const [i, input] of inputs.entries()) this.tx[m * inChannels + i] += dot(plane, input);
      }
    }
    this.count += x.shape[0] * size;
  }

  /** Adds what another has summed up, from another worker or from a graph that computed it. */
  merge(other: PointwiseSums): void {
    if (other.inChannels !== this.inChannels || other.outChannels !== this.outChannels)
      throw new ShapeError(
        `PointwiseSums.merge: channels=${other.inChannels} -> ${other.outChannels} must be ${this.inChannels} -> ${this.outChannels}`,
      );
    this.count += other.count;
    for (const name of ["xx", "tx", "x", "t", "tt"] as const)
      for (let i = 0; i < this[name].length; i++) this[name][i] += other[name][i];
  }

  #check(x: Tensor, t: Tensor): void {
    const { inChannels, outChannels } = this;
    const fits =
      x.shape.length >= 2 &&
      x.shape.length === t.shape.length &&
      x.shape[1] === inChannels &&
      t.shape[1] === outChannels &&
      x.shape.every((size, axis) => axis === 1 || size === t.shape[axis]);
    if (!fits)
      throw new ShapeError(
        `PointwiseSums.add: x=[${x.shape}] and t=[${t.shape}] must be [N, ${inChannels}, ...size] and [N, ${outChannels}, ...size] of one N and size`,
      );
  }
}

/** The channels of one sample, `size` numbers each. */
function planes(
  { data }: Tensor<"float32">,
  sample: number,
  channels: number,
  size: number,
): Float32Array[] {
  return Array.from({ length: channels }, (_, channel) => {
    const start = (sample * channels + channel) * size;
    return data.subarray(start, start + size);
  });
}

function sumOf(plane: Float32Array): number {
  let total = 0;
  for (let i = 0; i < plane.length; i++) total += plane[i];
  return total;
}

function dot(a: Float32Array, b: Float32Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
