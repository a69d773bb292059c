import type { Value } from "../../graph/index.js";
import { Conv2d } from "../layers/conv2d.js";
import { Upsample } from "../layers/upsample.js";
import { Module, type ModuleBuilder } from "../module.js";

export interface FeaturePyramidOptions {
  /** Groups of the 3x3 convolution at each level; the 1x1 ones are dense. Defaults to 1. */
  groups?: number;
}

/**
 * Feature pyramid: brings maps of several sizes to one channel count and adds to each what the coarser
 * ones know. Takes maps from fine to coarse, each half the size of the one before, and gives as many,
 * `[N, outChannels, H, W]` each. Source: https://arxiv.org/abs/1612.03144, section 3.
 */
export class FeaturePyramid extends Module<Value[]> {
  readonly lateral: readonly Conv2d[];
  readonly output: readonly Conv2d[];
  readonly upsample = new Upsample(2);

  constructor(
    inChannels: readonly number[],
    outChannels: number,
    options: FeaturePyramidOptions = {},
  ) {
    super();
    const { groups = 1 } = options;
    this.lateral = inChannels.map((channels) => new Conv2d(channels, outChannels, 1));
    this.output = inChannels.map(
      () => new Conv2d(outChannels, outChannels, 3, { padding: 1, groups }),
    );
  }

  forward(g: ModuleBuilder, ...maps: Value[]): Value[] {
    const merged = maps.map((map, level) => g.call(this.lateral[level], map));
    for (let level = maps.length - 2; level >= 0; level--)
      merged[level] = g.op("Add", [merged[level], g.call(this.upsample, merged[level + 1])]);
    return merged.map((map, level) => g.call(this.output[level], map));
  }
}
