import type { Value } from "../../graph/index.js";
import { UsageError } from "../../util/errors.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { AvgPool2d } from "../layers/avg-pool2d.js";
import { ChannelShuffle } from "../layers/channel-shuffle.js";
import { Flatten } from "../layers/flatten.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { Linear } from "../layers/linear.js";
import { MaxPool2d } from "../layers/max-pool2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type ArchitectureOptions, checkArchitecture, nearestMultiple } from "./options.js";

export interface ShuffleNetV1Options extends ArchitectureOptions {
  /** Groups of the 1x1 convolutions: 1, 2, 3, 4 or 8; the channels grow with them. Defaults to 3. */
  groups?: number;
}

/** Table 1 of the paper: output channels of stage 2 by groups, which cost about the same; then doubled twice. */
const STAGE2_CHANNELS = new Map([
  [1, 144],
  [2, 200],
  [3, 240],
  [4, 272],
  [8, 384],
]);
const STEM_CHANNELS = 24;
const UNITS = [4, 8, 4];

/**
 * ShuffleNetV1 1x, `[N, 3, H, W]` -> `[N, classes]`: grouped 1x1 convolutions whose groups meet by a
 * channel shuffle. With 3 groups 1.9 M parameters, 0.14 G multiply-accumulates at 224x224.
 *
 * Source: https://arxiv.org/abs/1707.01083, figure 2 and table 1; the classifier has no bias, as in its
 * authors' code, https://github.com/megvii-model/ShuffleNet-Series/tree/aa91feb71b01f28d0b8da3533d20a3edb11b1810/ShuffleNetV1.
 */
export class ShuffleNetV1 extends Module {
  readonly firstConv: Sequential;
  readonly maxpool = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly features: Sequential;
  readonly globalpool = new GlobalAvgPool2d();
  readonly flatten = new Flatten();
  readonly classifier: Sequential;

  constructor(options: ShuffleNetV1Options = {}) {
    super();
    const { classes = 1000, width = 1, groups = 3 } = options;
    checkArchitecture("ShuffleNetV1", { classes, width });
    const stage2 = STAGE2_CHANNELS.get(groups);
    if (stage2 === undefined)
      throw new UsageError(
        `ShuffleNetV1: groups=${groups} must be one of ${[...STAGE2_CHANNELS.keys()].join(", ")}`,
      );
    let channels = nearestMultiple(STEM_CHANNELS * width, groups);
    this.firstConv = convBnAct(3, channels, 3, { stride: 2 });
    const units: Unit[] = [];
    for (const [stage, count] of UNITS.entries()) {
      // Bottlenecks have a quarter of the channels, and groups must divide them too.
      const outChannels = nearestMultiple(stage2 * width, 4 * groups) * 2 ** stage;
      for (let i = 0; i < count; i++) {
        // The first 1x1 reads so few channels that the paper leaves it dense (section 3.2).
        const firstGroups = units.length === 0 ? 1 : groups;
        units.push(new Unit(channels, outChannels, i === 0 ? 2 : 1, firstGroups, groups));
        channels = outChannels;
      }
    }
    this.features = new Sequential(units);
    this.classifier = new Sequential([new Linear(channels, classes, { bias: false })]);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const stem = g.pipe(x, this.firstConv, this.maxpool);
    return g.pipe(stem, this.features, this.globalpool, this.flatten, this.classifier);
  }
}

/** Grouped 1x1, shuffle, depthwise 3x3, grouped 1x1; added to its input, or at stride 2 set beside its mean. */
class Unit extends Module {
  readonly main: Sequential;
  readonly shortcut: AvgPool2d | null;
  readonly relu = new ReLU();

  constructor(
    inChannels: number,
    outChannels: number,
    stride: number,
    firstGroups: number,
    groups: number,
  ) {
    super();
    const inner = outChannels / 4;
    const added = stride === 2 ? outChannels - inChannels : outChannels;
    this.main = new Sequential([
      convBnAct(inChannels, inner, 1, { groups: firstGroups }),
      new ChannelShuffle(inner, groups),
      convBnAct(inner, inner, 3, { stride, groups: inner, activation: null }),
      convBnAct(inner, added, 1, { groups, activation: null }),
    ]);
    this.shortcut = stride === 2 ? new AvgPool2d(3, { stride: 2, padding: 1 }) : null;
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const y = g.call(this.main, x);
    const joined = this.shortcut
      ? g.op("Concat", [g.call(this.shortcut, x), y], { axis: 1 })
      : g.op("Add", [x, y]);
    return g.call(this.relu, joined);
  }
}

/** See {@link ShuffleNetV1}. */
export function shufflenetV1(options: ShuffleNetV1Options = {}): ShuffleNetV1 {
  return new ShuffleNetV1(options);
}
