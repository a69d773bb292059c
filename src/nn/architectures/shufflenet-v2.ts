import type { Value } from "../../graph/index.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { ChannelShuffle } from "../layers/channel-shuffle.js";
import { Conv2d } from "../layers/conv2d.js";
import { Flatten } from "../layers/flatten.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { Linear } from "../layers/linear.js";
import { MaxPool2d } from "../layers/max-pool2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type ArchitectureOptions, checkArchitecture, nearestMultiple } from "./options.js";

/** Table 5 of the paper, the column of 1x. */
const CHANNELS = { stem: 24, stage2: 116, stage3: 232, stage4: 464, last: 1024 };

/**
 * ShuffleNetV2 1x, `[N, 3, H, W]` -> `[N, classes]`: half of the channels pass by, and a channel shuffle
 * mixes the halves; its only grouped convolutions are depthwise. 2,278,604 parameters, 0.15 G
 * multiply-accumulates at 224x224 (torchvision 0.29). Source: https://arxiv.org/abs/1807.11164. Parameters
 * are named as in torchvision.
 */
export class ShuffleNetV2 extends Module {
  readonly conv1: Sequential;
  readonly maxpool = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly stage2: Sequential;
  readonly stage3: Sequential;
  readonly stage4: Sequential;
  readonly conv5: Sequential;
  readonly avgpool = new GlobalAvgPool2d();
  readonly flatten = new Flatten();
  readonly fc: Linear;

  constructor(options: ArchitectureOptions = {}) {
    super();
    const { classes = 1000, width = 1 } = options;
    checkArchitecture("ShuffleNetV2", { classes, width });
    const scaled = (name: keyof typeof CHANNELS) => nearestMultiple(CHANNELS[name] * width, 4);
    this.conv1 = convBnAct(3, scaled("stem"), 3, { stride: 2 });
    this.stage2 = stage(scaled("stem"), scaled("stage2"), 4);
    this.stage3 = stage(scaled("stage2"), scaled("stage3"), 8);
    this.stage4 = stage(scaled("stage3"), scaled("stage4"), 4);
    this.conv5 = convBnAct(scaled("stage4"), scaled("last"), 1);
    this.fc = new Linear(scaled("last"), classes);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const stem = g.pipe(x, this.conv1, this.maxpool);
    const features = g.pipe(stem, this.stage2, this.stage3, this.stage4, this.conv5);
    return g.pipe(features, this.avgpool, this.flatten, this.fc);
  }
}

function stage(inChannels: number, outChannels: number, units: number): Sequential {
  const rest = Array.from({ length: units - 1 }, () => new Unit(outChannels));
  return new Sequential([new DownUnit(inChannels, outChannels), ...rest]);
}

/** Half of the channels pass by the other half's convolutions. */
class Unit extends Module {
  readonly branch2: Sequential;
  readonly shuffle: ChannelShuffle;

  constructor(channels: number) {
    super();
    this.branch2 = mainBranch(channels / 2, channels / 2, 1);
    this.shuffle = new ChannelShuffle(channels, 2);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const [passing, rest] = g.ops("Split", [x], { axis: 1 }, 2);
    const joined = g.op("Concat", [passing, g.call(this.branch2, rest)], { axis: 1 });
    return g.call(this.shuffle, joined);
  }
}

/** Both branches read all channels and halve the size. */
class DownUnit extends Module {
  readonly branch1: Sequential;
  readonly branch2: Sequential;
  readonly shuffle: ChannelShuffle;

  constructor(inChannels: number, outChannels: number) {
    super();
    const half = outChannels / 2;
    this.branch1 = new Sequential([...depthwise(inChannels, 2), ...pointwise(inChannels, half)]);
    this.branch2 = mainBranch(inChannels, half, 2);
    this.shuffle = new ChannelShuffle(outChannels, 2);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const branches = [g.call(this.branch1, x), g.call(this.branch2, x)];
    return g.call(this.shuffle, g.op("Concat", branches, { axis: 1 }));
  }
}

function mainBranch(inChannels: number, channels: number, stride: number): Sequential {
  return new Sequential([
    ...pointwise(inChannels, channels),
    ...depthwise(channels, stride),
    ...pointwise(channels, channels),
  ]);
}

function pointwise(inChannels: number, outChannels: number): Module[] {
  const conv = new Conv2d(inChannels, outChannels, 1, { bias: false });
  return [conv, new BatchNorm2d(outChannels), new ReLU()];
}

function depthwise(channels: number, stride: number): Module[] {
  const options = { stride, padding: 1, groups: channels, bias: false };
  return [new Conv2d(channels, channels, 3, options), new BatchNorm2d(channels)];
}

/** See {@link ShuffleNetV2}. */
export function shufflenetV2(options: ArchitectureOptions = {}): ShuffleNetV2 {
  return new ShuffleNetV2(options);
}
