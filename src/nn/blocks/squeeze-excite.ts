import type { Value } from "../../graph/index.js";
import { Conv2d } from "../layers/conv2d.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { ReLU } from "../layers/relu.js";
import { Sigmoid } from "../layers/sigmoid.js";
import { Module, type ModuleBuilder } from "../module.js";

/**
 * Channel attention: each channel of `[N, channels, H, W]` times a gain in (0, 1) that the means of all
 * channels decide, through `squeezeChannels` in between. `activation` defaults to a new ReLU.
 * Source: https://arxiv.org/abs/1709.01507. Parameters are named as in torchvision's SqueezeExcitation.
 */
export class SqueezeExcite extends Module {
  readonly avgpool = new GlobalAvgPool2d();
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;
  readonly activation: Module;
  readonly scaleActivation = new Sigmoid();

  constructor(channels: number, squeezeChannels: number, activation: Module = new ReLU()) {
    super();
    this.fc1 = new Conv2d(channels, squeezeChannels, 1);
    this.fc2 = new Conv2d(squeezeChannels, channels, 1);
    this.activation = activation;
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const { avgpool, fc1, activation, fc2, scaleActivation } = this;
    return g.op("Mul", [x, g.pipe(x, avgpool, fc1, activation, fc2, scaleActivation)]);
  }
}
