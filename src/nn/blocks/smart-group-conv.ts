import type { Value } from "../../graph/index.js";
import { smartGroups } from "../../groups/index.js";
import { Conv2d } from "../layers/conv2d.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";
import { Sigmoid } from "../layers/sigmoid.js";
import { Module, type ModuleBuilder } from "../module.js";

export interface SmartGroupConvOptions {
  /**
   * Takes one group when the output has at least twice the input's channels, as the seed's prose has it
   * and its code does not. Defaults to false.
   */
  expansionGuard?: boolean;
}

/**
 * S3: a 3x3 convolution with the largest of 1, 2, 4, 8, 16 groups that divides both channel counts and
 * is at most a quarter of the smaller, then channel attention that squeezes by the same number, so that
 * groups meet again in the gain. `[N, inChannels, H, W]` -> `[N, outChannels, H, W]`.
 */
export class SmartGroupConv extends Module {
  readonly groups: number;
  readonly conv: Conv2d;
  readonly attention: Sequential;

  constructor(inChannels = 64, outChannels = 128, options: SmartGroupConvOptions = {}) {
    super();
    const { groups } = smartGroups({ inChannels, outChannels, ...options });
    const squeezed = outChannels / groups;
    this.groups = groups;
    this.conv = new Conv2d(inChannels, outChannels, 3, { padding: 1, groups });
    this.attention = new Sequential([
      new GlobalAvgPool2d(),
      new Conv2d(outChannels, squeezed, 1),
      new ReLU(),
      new Conv2d(squeezed, outChannels, 1),
      new Sigmoid(),
    ]);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const y = g.call(this.conv, x);
    return g.op("Mul", [y, g.call(this.attention, y)]);
  }
}
