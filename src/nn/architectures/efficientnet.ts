import type { Value } from "../../graph/index.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { SqueezeExcite } from "../blocks/squeeze-excite.js";
import { Dropout } from "../layers/dropout.js";
import { Flatten } from "../layers/flatten.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { Linear } from "../layers/linear.js";
import { Sequential } from "../layers/sequential.js";
import { SiLU } from "../layers/silu.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type ArchitectureOptions, checkArchitecture, makeDivisible } from "./options.js";

/** Table 1 of the paper, stages 2 to 8: expansion, kernel, stride of the first, channels, blocks. */
const STAGES = [
  { expansion: 1, kernel: 3, stride: 1, channels: 16, blocks: 1 },
  { expansion: 6, kernel: 3, stride: 2, channels: 24, blocks: 2 },
  { expansion: 6, kernel: 5, stride: 2, channels: 40, blocks: 2 },
  { expansion: 6, kernel: 3, stride: 2, channels: 80, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 1, channels: 112, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 2, channels: 192, blocks: 4 },
  { expansion: 6, kernel: 3, stride: 1, channels: 320, blocks: 1 },
];

/**
 * EfficientNet-B0, `[N, 3, H, W]` -> `[N, classes]`: inverted residuals with squeeze-excite. 5,288,548
 * parameters, 0.39 G multiply-accumulates at 224x224 (torchvision 0.29). Training here has no stochastic
 * depth. Source: https://arxiv.org/abs/1905.11946. Parameters are named as in torchvision.
 */
export class EfficientNet extends Module {
  readonly features: Sequential;
  readonly avgpool = new GlobalAvgPool2d();
  readonly flatten = new Flatten();
  readonly classifier: Sequential;

  constructor(options: ArchitectureOptions = {}) {
    super();
    const { classes = 1000, width = 1 } = options;
    checkArchitecture("EfficientNet", { classes, width });
    let channels = makeDivisible(32 * width, 8);
    const features = [convBnAct(3, channels, 3, { stride: 2, activation: new SiLU() })];
    for (const { blocks, stride, ...stage } of STAGES) {
      const outChannels = makeDivisible(stage.channels * width, 8);
      const first = new Block(channels, outChannels, { ...stage, stride });
      const rest = Array.from(
        { length: blocks - 1 },
        () => new Block(outChannels, outChannels, { ...stage, stride: 1 }),
      );
      features.push(new Sequential([first, ...rest]));
      channels = outChannels;
    }
    const last = 4 * channels;
    features.push(convBnAct(channels, last, 1, { activation: new SiLU() }));
    this.features = new Sequential(features);
    this.classifier = new Sequential([new Dropout(0.2), new Linear(last, classes)]);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.pipe(x, this.features, this.avgpool, this.flatten, this.classifier);
  }
}

interface BlockOptions {
  expansion: number;
  kernel: number;
  stride: number;
}

/** 1x1 up, depthwise, squeeze-excite, 1x1 down without activation; added to its input where shapes agree. */
class Block extends Module {
  readonly block: Sequential;
  readonly #addsInput: boolean;

  constructor(
    inChannels: number,
    outChannels: number,
    { expansion, kernel, stride }: BlockOptions,
  ) {
    super();
    const hidden = inChannels * expansion;
    const squeezed = Math.max(1, Math.floor(inChannels / 4));
    const expand =
      expansion === 1 ? [] : [convBnAct(inChannels, hidden, 1, { activation: new SiLU() })];
    this.block = new Sequential([
      ...expand,
      convBnAct(hidden, hidden, kernel, { stride, groups: hidden, activation: new SiLU() }),
      new SqueezeExcite(hidden, squeezed, new SiLU()),
      convBnAct(hidden, outChannels, 1, { activation: null }),
    ]);
    this.#addsInput = stride === 1 && inChannels === outChannels;
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const y = g.call(this.block, x);
    return this.#addsInput ? g.op("Add", [y, x]) : y;
  }
}

/** See {@link EfficientNet}. */
export function efficientnetB0(options: ArchitectureOptions = {}): EfficientNet {
  return new EfficientNet(options);
}
