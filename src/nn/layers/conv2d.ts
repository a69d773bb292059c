import type { Value } from "../../graph/index.js";
import { checkGroups } from "../../groups/index.js";
import { constant, kaimingUniform } from "../init.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type Size2, wholePair } from "../options.js";
import { Param } from "../param.js";

export interface Conv2dOptions {
  /** Step of the window, in pixels. Defaults to 1. */
  stride?: Size2;
  /** Zeros added on every side, in pixels. Defaults to 0. */
  padding?: Size2;
  /** Distance between the taps of the window, in pixels. Defaults to 1. */
  dilation?: Size2;
  /** Number of channel groups; 1 is dense, `inChannels` is depthwise. Defaults to 1. */
  groups?: number;
  /** Adds a learned bias. Leave it off before a BatchNorm2d. Defaults to true. */
  bias?: boolean;
}

/**
 * 2-d convolution over `[N, inChannels, H, W]`, giving `[N, outChannels, H', W']` with
 * `H' = floor((H + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1`.
 *
 * Weights start Kaiming uniform with `fanIn = inChannels / groups * kh * kw`, as each output sees only
 * its own group; the bias starts at zero.
 *
 * @throws ShapeError if `groups` does not divide both channel counts.
 * @throws UsageError if a size is out of range.
 */
export class Conv2d extends Module {
  readonly weight: Param; // [outChannels, inChannels / groups, kh, kw]
  readonly bias: Param | null; // [outChannels]
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernel: Size2,
    options: Conv2dOptions = {},
  ) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
    checkGroups("Conv2d", groups, inChannels, outChannels);
    this.groups = groups;
    this.kernel = wholePair("Conv2d", "kernel", kernel, 1);
    this.stride = wholePair("Conv2d", "stride", stride, 1);
    this.padding = wholePair("Conv2d", "padding", padding, 0);
    this.dilation = wholePair("Conv2d", "dilation", dilation, 1);

    const [kh, kw] = this.kernel;
    const fanIn = (inChannels / groups) * kh * kw;
    const shape = [outChannels, inChannels / groups, kh, kw];
    this.weight = new Param(shape, kaimingUniform(fanIn));
    this.bias = bias ? new Param([outChannels], constant(0)) : null;
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const params = [this.weight, this.bias].filter((param) => param !== null);
    const [ph, pw] = this.padding;
    return g.op("Conv", [x, ...params.map((param) => g.param(param))], {
      group: this.groups,
      kernel_shape: this.kernel,
      strides: this.stride,
      pads: [ph, pw, ph, pw],
      dilations: this.dilation,
    });
  }
}
