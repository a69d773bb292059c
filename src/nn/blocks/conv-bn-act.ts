import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";
import type { Module } from "../module.js";

export interface ConvBnActOptions {
  /** Step of the window, in pixels. Defaults to 1. */
  stride?: number;
  /** Number of channel groups. Defaults to 1. */
  groups?: number;
  /** What follows the batch norm; `null` for nothing. Defaults to a new ReLU. */
  activation?: Module | null;
}

/**
 * Convolution without bias, batch norm, activation; at stride 1 an odd `kernel` keeps the size. Its
 * parameters are named as in torchvision's Conv2dNormActivation: `0.weight`, `1.weight`, `1.bias`, ...
 *
 * @throws ShapeError if `groups` does not divide both channel counts.
 */
export function convBnAct(
  inChannels: number,
  outChannels: number,
  kernel: number,
  options: ConvBnActOptions = {},
): Sequential {
  const { stride = 1, groups = 1, activation = new ReLU() } = options;
  const padding = Math.floor((kernel - 1) / 2);
  const conv = new Conv2d(inChannels, outChannels, kernel, {
    stride,
    padding,
    groups,
    bias: false,
  });
  const norm = new BatchNorm2d(outChannels);
  return new Sequential(activation ? [conv, norm, activation] : [conv, norm]);
}
