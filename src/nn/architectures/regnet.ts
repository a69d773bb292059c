import type { Value } from "../../graph/index.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { Flatten } from "../layers/flatten.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { Linear } from "../layers/linear.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type ArchitectureOptions, checkArchitecture, nearestMultiple } from "./options.js";

/** RegNetX-400MF, found by search: depth 22, w0 24, wa 24.48, wm 2.54 come to these stages. */
const STAGES = [
  { blocks: 1, channels: 32 },
  { blocks: 2, channels: 64 },
  { blocks: 7, channels: 160 },
  { blocks: 12, channels: 400 },
];
const STEM_CHANNELS = 32;
const CHANNELS_PER_GROUP = 16;

/**
 * RegNetX-400MF, `[N, 3, H, W]` -> `[N, classes]`: every 3x3 convolution has 16 channels per group, so
 * groups grow with depth: 2, 4, 10, 25. 5,495,976 parameters, 0.41 G multiply-accumulates at 224x224
 * (torchvision 0.29). Source: https://arxiv.org/abs/2003.13678. Parameters are named as in torchvision.
 */
export class RegNet extends Module {
  readonly stem: Sequential;
  readonly trunkOutput: Sequential;
  readonly avgpool = new GlobalAvgPool2d();
  readonly flatten = new Flatten();
  readonly fc: Linear;

  constructor(options: ArchitectureOptions = {}) {
    super();
    const { classes = 1000, width = 1 } = options;
    checkArchitecture("RegNet", { classes, width });
    let channels = nearestMultiple(STEM_CHANNELS * width, 8);
    this.stem = convBnAct(3, channels, 3, { stride: 2 });
    const stages: Record<string, Sequential> = {};
    for (const [index, stage] of STAGES.entries()) {
      const outChannels = nearestMultiple(stage.channels * width, CHANNELS_PER_GROUP);
      const blocks: Record<string, Module> = {};
      for (let i = 0; i < stage.blocks; i++) {
        blocks[`block${index + 1}-${i}`] = new Block(channels, outChannels, i === 0 ? 2 : 1);
        channels = outChannels;
      }
      stages[`block${index + 1}`] = new Sequential(blocks);
    }
    this.trunkOutput = new Sequential(stages);
    this.fc = new Linear(channels, classes);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.pipe(x, this.stem, this.trunkOutput, this.avgpool, this.flatten, this.fc);
  }
}

/** 1x1, grouped 3x3, 1x1, all of one width, around a shortcut. */
class Block extends Module {
  readonly proj: Sequential | null;
  readonly f: Sequential;
  readonly activation = new ReLU();

  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    const sameShape = stride === 1 && inChannels === outChannels;
    this.proj = sameShape
      ? null
      : convBnAct(inChannels, outChannels, 1, { stride, activation: null });
    this.f = new Sequential({
      a: convBnAct(inChannels, outChannels, 1),
      b: convBnAct(outChannels, outChannels, 3, {
        stride,
        groups: outChannels / CHANNELS_PER_GROUP,
      }),
      c: convBnAct(outChannels, outChannels, 1, { activation: null }),
    });
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const shortcut = this.proj ? g.call(this.proj, x) : x;
    return g.call(this.activation, g.op("Add", [shortcut, g.call(this.f, x)]));
  }
}

/** See {@link RegNet}. */
export function regnetX400mf(options: ArchitectureOptions = {}): RegNet {
  return new RegNet(options);
}
