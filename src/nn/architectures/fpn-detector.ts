import type { Value } from "../../graph/index.js";
import { sceneGroups } from "../../groups/index.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { FeaturePyramid } from "../blocks/feature-pyramid.js";

import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type ArchitectureOptions, checkArchitecture, nearestMultiple } from "./options.js";

export interface FpnDetectorOptions extends ArchitectureOptions {
  /** Groups of the pyramid's 3x3 convolutions. Defaults to the most that S9 allows, 4 at full width. */
  neckGroups?: number;
  /** Groups of the heads' 3x3 convolutions; the predictions are always dense. Defaults to 1 (S9). */
  headGroups?: number;
}

/** The levels where things are looked for, by name: one cell is 8, 16, 32 pixels. */
const LEVELS = ["p3", "p4", "p5"];
const STEM_CHANNELS = 32;
const STAGE_CHANNELS = [32, 64, 128, 256];
const NECK_CHANNELS = 64;
/** Distances from a cell to the four sides of its box. */
const BOX_SIDES = 4;

/**
 * A small one-stage detector: four stages of convolutions, a feature pyramid, and two heads whose
 * convolutions all levels share, one for classes and one for boxes, without anchors. `[N, 3, H, W]` -> for p3, p4, p5
 * `classes_p3` `[N, classes, H/8, W/8]` and `boxes_p3` `[N, 4, H/8, W/8]`, 20 classes by default; H and W
 * must be multiples of 32. Not a published network: after https://arxiv.org/abs/1612.03144 (neck) and
 * https://arxiv.org/abs/1904.01355 (heads).
 */
export class FpnDetector extends Module<Record<string, Value>> {
  readonly stem: Sequential;
  readonly stages: readonly Sequential[];
  readonly neck: FeaturePyramid;
  readonly classHead: SharedHead;
  readonly boxHead: SharedHead;

  constructor(options: FpnDetectorOptions = {}) {
    super();
    const { classes = 20, width = 1, headGroups = 1 } = options;
    checkArchitecture("FpnDetector", { classes, width });
    const scaled = (channels: number) => nearestMultiple(channels * width, 8);
    const neck = scaled(NECK_CHANNELS);
    const place = { task: "detection", role: "neck" } as const;
    const allowed = sceneGroups({ ...place, inChannels: neck, outChannels: neck });
    const { neckGroups = allowed.groups } = options;

    this.stem = convBnAct(3, scaled(STEM_CHANNELS), 3, { stride: 2 });
    const channels = [STEM_CHANNELS, ...STAGE_CHANNELS].map(scaled);
    this.stages = STAGE_CHANNELS.map((_, i) => stage(channels[i], channels[i + 1]));
    this.neck = new FeaturePyramid(channels.slice(-LEVELS.length), neck, { groups: neckGroups });
    this.classHead = new SharedHead(neck, classes, headGroups);
    this.boxHead = new SharedHead(neck, BOX_SIDES, headGroups);
  }

  forward(g: ModuleBuilder, x: Value): Record<string, Value> {
    const maps = [g.call(this.stem, x)];
    for (const stage of this.stages) maps.push(g.call(stage, maps.at(-1)!));
    const pyramid = g.call(this.neck, ...maps.slice(-LEVELS.length));
    const classes = g.call(this.classHead, ...pyramid);
    const boxes = g.call(this.boxHead, ...pyramid);
    const predictions = LEVELS.flatMap((level, i) => [
      [`classes_${level}`, classes[i]],
      [`boxes_${level}`, boxes[i]],
    ]);
    return Object.fromEntries(predictions);
  }
}

/** Halves the size. */
function stage(inChannels: number, outChannels: number): Sequential {
  return new Sequential([
    convBnAct(inChannels, outChannels, 3, { stride: 2 }),
    convBnAct(outChannels, outChannels, 3),
  ]);
}

/**
 * A convolution and a prediction that all levels share, between them a batch norm for each level: what is
 * usual differs from level to level, so that statistics of all would fit none in inference.
 */
class SharedHead extends Module<Value[]> {
  readonly tower: Conv2d;
  readonly norms: readonly BatchNorm2d[];
  readonly act = new ReLU();
  readonly predict: Conv2d;

  constructor(channels: number, outputs: number, groups: number) {
    super();
    this.tower = new Conv2d(channels, channels, 3, { padding: 1, groups, bias: false });
    this.norms = LEVELS.map(() => new BatchNorm2d(channels));
    this.predict = new Conv2d(channels, outputs, 3, { padding: 1 });
  }

  forward(g: ModuleBuilder, ...levels: Value[]): Value[] {
    return levels.map((level, i) =>
      g.pipe(level, this.tower, this.norms[i], this.act, this.predict),
    );
  }
}

/** See {@link FpnDetector}. */
export function fpnDetector(options: FpnDetectorOptions = {}): FpnDetector {
  return new FpnDetector(options);
}
