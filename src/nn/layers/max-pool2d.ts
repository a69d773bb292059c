import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type Size2, wholePair } from "../options.js";
import { checkPoolPadding } from "./pool-padding.js";

export interface MaxPool2dOptions {
  /** Step of the window, in pixels. Defaults to the kernel. */
  stride?: Size2;
  /** Pixels added on every side that no maximum takes; at most half the kernel. Defaults to 0. */
  padding?: Size2;
  /** Distance between the taps of the window, in pixels. Defaults to 1. */
  dilation?: Size2;
  /** Lets a last window hang over the edge instead of leaving the rest out. Defaults to false. */
  ceilMode?: boolean;
}

/** Largest value of each window: `[N, C, H, W]` -> `[N, C, H', W']`. */
export class MaxPool2d extends Module {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly ceilMode: boolean;

  constructor(kernel: Size2, options: MaxPool2dOptions = {}) {
    super();
    const { stride = kernel, padding = 0, dilation = 1, ceilMode = false } = options;
    this.kernel = wholePair("MaxPool2d", "kernel", kernel, 1);
    this.stride = wholePair("MaxPool2d", "stride", stride, 1);
    this.padding = wholePair("MaxPool2d", "padding", padding, 0);
    this.dilation = wholePair("MaxPool2d", "dilation", dilation, 1);
    this.ceilMode = ceilMode;
    checkPoolPadding("MaxPool2d", this.padding, this.kernel);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const [ph, pw] = this.padding;
    return g.op("MaxPool", [x], {
      kernel_shape: this.kernel,
      strides: this.stride,
      pads: [ph, pw, ph, pw],
      dilations: this.dilation,
      ceil_mode: this.ceilMode ? 1 : 0,
    });
  }
}
