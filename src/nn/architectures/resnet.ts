import type { Value } from "../../graph/index.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { Flatten } from "../layers/flatten.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { Linear } from "../layers/linear.js";
import { MaxPool2d } from "../layers/max-pool2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type ArchitectureOptions, checkArchitecture, nearestMultiple } from "./options.js";

export interface ResNetOptions extends ArchitectureOptions {
  /** Groups of every 3x3 convolution. Defaults to 1. */
  groups?: number;
  /** Channels of each group in the first stage; doubles with every stage. Defaults to 64. */
  widthPerGroup?: number;
}

const EXPANSION = 4;

/**
 * Residual network of bottlenecks, `[N, 3, H, W]` -> `[N, classes]`; the stride is in the 3x3 convolution
 * (torchvision's "v1.5"). Source: https://arxiv.org/abs/1512.03385; with groups,
 * https://arxiv.org/abs/1611.05431. Parameters are named as in torchvision.
 */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly relu = new ReLU();
  readonly maxpool = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool = new GlobalAvgPool2d();
  readonly flatten = new Flatten();
  readonly fc: Linear;

  /** @param blocks How many bottlenecks each of the four stages has. */
  constructor(blocks: readonly [number, number, number, number], options: ResNetOptions = {}) {
    super();
    const { classes = 1000, width = 1, groups = 1, widthPerGroup = 64 } = options;
    checkArchitecture("ResNet", { classes, width });
    const planes = nearestMultiple(64 * width, 8);
    const stage = (index: number): Sequential => {
      const outChannels = planes * 2 ** index * EXPANSION;
      const inner = Math.max(1, Math.floor((planes * 2 ** index * widthPerGroup) / 64)) * groups;
      return new Sequential(
        Array.from({ length: blocks[index] }, (_, i) => {
          const first = index === 0 ? planes : outChannels / 2;
          const stride = i === 0 && index > 0 ? 2 : 1;
          return new Bottleneck(i === 0 ? first : outChannels, inner, outChannels, stride, groups);
        }),
      );
    };
    this.conv1 = new Conv2d(3, planes, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = new BatchNorm2d(planes);
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.layer4 = stage(3);
    this.fc = new Linear(planes * 8 * EXPANSION, classes);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const stem = g.pipe(x, this.conv1, this.bn1, this.relu, this.maxpool);
    const features = g.pipe(stem, this.layer1, this.layer2, this.layer3, this.layer4);
    return g.pipe(features, this.avgpool, this.flatten, this.fc);
  }
}

/** 1x1 down to `inner` channels, grouped 3x3, 1x1 up, around a shortcut. */
class Bottleneck extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly relu = new ReLU();
  readonly downsample: Sequential | null;

  constructor(
    inChannels: number,
    inner: number,
    outChannels: number,
    stride: number,
    groups: number,
  ) {
    super();
    this.conv1 = new Conv2d(inChannels, inner, 1, { bias: false });
    this.bn1 = new BatchNorm2d(inner);
    this.conv2 = new Conv2d(inner, inner, 3, { stride, padding: 1, groups, bias: false });
    this.bn2 = new BatchNorm2d(inner);
    this.conv3 = new Conv2d(inner, outChannels, 1, { bias: false });
    this.bn3 = new BatchNorm2d(outChannels);
    const sameShape = stride === 1 && inChannels === outChannels;
    this.downsample = sameShape
      ? null
      : convBnAct(inChannels, outChannels, 1, { stride, activation: null });
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const { conv1, bn1, conv2, bn2, conv3, bn3, relu } = this;
    const y = g.pipe(x, conv1, bn1, relu, conv2, bn2, relu, conv3, bn3);
    const shortcut = this.downsample ? g.call(this.downsample, x) : x;
    return g.call(relu, g.op("Add", [y, shortcut]));
  }
}

/** ResNet-50: 25,557,032 parameters, 4.09 G multiply-accumulates at 224x224 (torchvision 0.29). */
export function resnet50(options: ArchitectureOptions = {}): ResNet {
  return new ResNet([3, 4, 6, 3], options);
}
