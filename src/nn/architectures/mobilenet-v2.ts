import type { Value } from "../../graph/index.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { Dropout } from "../layers/dropout.js";
import { Flatten } from "../layers/flatten.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { Linear } from "../layers/linear.js";
import { ReLU6 } from "../layers/relu6.js";
import { Sequential } from "../layers/sequential.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type ArchitectureOptions, checkArchitecture, makeDivisible } from "./options.js";

/** Table 2 of the paper: expansion t, channels c, repeats n, stride s of the first. */
const STAGES = [
  { t: 1, c: 16, n: 1, s: 1 },
  { t: 6, c: 24, n: 2, s: 2 },
  { t: 6, c: 32, n: 3, s: 2 },
  { t: 6, c: 64, n: 4, s: 2 },
  { t: 6, c: 96, n: 3, s: 1 },
  { t: 6, c: 160, n: 3, s: 2 },
  { t: 6, c: 320, n: 1, s: 1 },
];

/**
 * MobileNetV2, `[N, 3, H, W]` -> `[N, classes]`. 3,504,872 parameters, 0.30 G multiply-accumulates at
 * 224x224 (torchvision 0.29). Source: https://arxiv.org/abs/1801.04381. Parameters are named as in
 * torchvision.
 */
export class MobileNetV2 extends Module {
  readonly features: Sequential;
  readonly avgpool = new GlobalAvgPool2d();
  readonly flatten = new Flatten();
  readonly classifier: Sequential;

  constructor(options: ArchitectureOptions = {}) {
    super();
    const { classes = 1000, width = 1 } = options;
    checkArchitecture("MobileNetV2", { classes, width });
    let channels = makeDivisible(32 * width, 8);
    const features: Module[] = [convBnAct(3, channels, 3, { stride: 2, activation: new ReLU6() })];
    for (const { t, c, n, s } of STAGES) {
      const outChannels = makeDivisible(c * width, 8);
      for (let i = 0; i < n; i++) {
        features.push(new InvertedResidual(channels, outChannels, i === 0 ? s : 1, t));
        channels = outChannels;
      }
    }
    const last = makeDivisible(1280 * Math.max(1, width), 8); // the paper never narrows the last layer
    features.push(convBnAct(channels, last, 1, { activation: new ReLU6() }));
    this.features = new Sequential(features);
    this.classifier = new Sequential([new Dropout(0.2), new Linear(last, classes)]);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.pipe(x, this.features, this.avgpool, this.flatten, this.classifier);
  }
}

/** 1x1 up to `expansion` times the channels, depthwise 3x3, 1x1 down without activation. */
class InvertedResidual extends Module {
  readonly conv: Sequential;
  readonly #addsInput: boolean;

  constructor(inChannels: number, outChannels: number, stride: number, expansion: number) {
    super();
    const hidden = inChannels * expansion;
    const expand =
      expansion === 1 ? [] : [convBnAct(inChannels, hidden, 1, { activation: new ReLU6() })];
    this.conv = new Sequential([
      ...expand,
      convBnAct(hidden, hidden, 3, { stride, groups: hidden, activation: new ReLU6() }),
      new Conv2d(hidden, outChannels, 1, { bias: false }),
      new BatchNorm2d(outChannels),
    ]);
    this.#addsInput = stride === 1 && inChannels === outChannels;
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const y = g.call(this.conv, x);
    return this.#addsInput ? g.op("Add", [x, y]) : y;
  }
}

/** See {@link MobileNetV2}. */
export function mobilenetV2(options: ArchitectureOptions = {}): MobileNetV2 {
  return new MobileNetV2(options);
}
