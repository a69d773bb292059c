import type { Value } from "../../graph/index.js";
import { checkGroups } from "../../groups/index.js";
import { UsageError } from "../../util/errors.js";
import { constant, kaimingUniform } from "../init.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type Size2, wholePair } from "../options.js";
import { Param } from "../param.js";

export interface ConvTranspose2dOptions {
  /** Distance between the places of two input pixels in the output, in pixels. Defaults to 1. */
  stride?: Size2;
  /** Rows and columns cut off every side of the output, in pixels. Defaults to 0. */
  padding?: Size2;
  /** Rows and columns added at the end of the output, in pixels; less than stride or dilation. Defaults to 0. */
  outputPadding?: Size2;
  /** Distance between the taps of the window, in pixels. Defaults to 1. */
  dilation?: Size2;
  /** Number of channel groups; 1 is dense. Defaults to 1. */
  groups?: number;
  /** Adds a learned bias. Defaults to true. */
  bias?: boolean;
}

/**
 * 2-d transposed convolution over `[N, inChannels, H, W]`, giving `[N, outChannels, H', W']` with
 * `H' = (H - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1`.
 *
 * Weights start Kaiming uniform with `fanIn = inChannels / groups * kh * kw / (sh * sw)`: strided, the
 * windows of that many input channels meet in one output pixel. The bias starts at zero.
 *
 * @throws ShapeError if `groups` does not divide both channel counts.
 * @throws UsageError if a size is out of range.
 */
export class ConvTranspose2d extends Module {
  readonly weight: Param; // [inChannels, outChannels / groups, kh, kw]
  readonly bias: Param | null; // [outChannels]
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly outputPadding: readonly [number, number];
  readonly dilation: readonly [number, number];

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernel: Size2,
    options: ConvTranspose2dOptions = {},
  ) {
    super();
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1 } = options;
    const { groups = 1, bias = true } = options;
    checkGroups("ConvTranspose2d", groups, inChannels, outChannels);
    this.groups = groups;
    this.kernel = wholePair("ConvTranspose2d", "kernel", kernel, 1);
    this.stride = wholePair("ConvTranspose2d", "stride", stride, 1);
    this.padding = wholePair("ConvTranspose2d", "padding", padding, 0);
    this.outputPadding = wholePair("ConvTranspose2d", "outputPadding", outputPadding, 0);
    this.dilation = wholePair("ConvTranspose2d", "dilation", dilation, 1);
    for (const [axis, added] of this.outputPadding.entries()) {
      const limit = Math.max(this.stride[axis], this.dilation[axis]);
      if (added >= limit)
        throw new UsageError(
          `ConvTranspose2d: outputPadding=${added} must be less than the larger of stride=${this.stride[axis]} and dilation=${this.dilation[axis]}`,
        );
    }

    const [kh, kw] = this.kernel;
    const [sh, sw] = this.stride;
    const fanIn = Math.max(1, ((inChannels / groups) * kh * kw) / (sh * sw));
    const shape = [inChannels, outChannels / groups, kh, kw];
    this.weight = new Param(shape, kaimingUniform(fanIn));
    this.bias = bias ? new Param([outChannels], constant(0)) : null;
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const params = [this.weight, this.bias].filter((param) => param !== null);
    const [ph, pw] = this.padding;
    return g.op("ConvTranspose", [x, ...params.map((param) => g.param(param))], {
      group: this.groups,
      kernel_shape: this.kernel,
      strides: this.stride,
      pads: [ph, pw, ph, pw],
      output_padding: this.outputPadding,
      dilations: this.dilation,
    });
  }
}
