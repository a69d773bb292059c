import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type Size2, wholePair } from "../options.js";
import { checkPoolPadding } from "./pool-padding.js";

export interface AvgPool2dOptions {
  /** Step of the window, in pixels. Defaults to the kernel. */
  stride?: Size2;
  /** Zeros added on every side, in pixels; at most half the kernel. Defaults to 0. */
  padding?: Size2;
  /** Whether the added zeros count in the mean. Defaults to true, as in PyTorch; ONNX's own default is not. */
  countIncludePad?: boolean;
}

/** Mean of each window: `[N, C, H, W]` -> `[N, C, H', W']`. */
export class AvgPool2d extends Module {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly countIncludePad: boolean;

  constructor(kernel: Size2, options: AvgPool2dOptions = {}) {
    super();
    const { stride = kernel, padding = 0, countIncludePad = true } = options;
    this.kernel = wholePair("AvgPool2d", "kernel", kernel, 1);
    this.stride = wholePair("AvgPool2d", "stride", stride, 1);
    this.padding = wholePair("AvgPool2d", "padding", padding, 0);
    this.countIncludePad = countIncludePad;
    checkPoolPadding("AvgPool2d", this.padding, this.kernel);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const [ph, pw] = this.padding;
    return g.op("AveragePool", [x], {
      kernel_shape: this.kernel,
      strides: this.stride,
      pads: [ph, pw, ph, pw],
      count_include_pad: this.countIncludePad ? 1 : 0,
    });
  }
}
