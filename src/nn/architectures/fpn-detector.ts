import type { Value } from "../../graph/index.js";
import { sceneGroups } from "../../groups/index.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { FeaturePyramid } from "../blocks/feature-pyramid.js";
import { Conv2d } from "../layers/conv2d.js";
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
 * A small one-stage detector: four stages of convolutions, a feature pyramid, and two heads that all
 * levels share, one for classes and one for boxes, without anchors. `[N, 3, H, W]` -> for p3, p4, p5
 * `classes_p3` `[N, classes, H/8, W/8]` and `boxes_p3` `[N, 4, H/8, W/8]`, 20 classes by default; H and W
 * must be multiples of 32. Not a published network: after https://arxiv.org/abs/1612.03144 (neck) and
 * https://arxiv.org/abs/1904.01355 (heads).
 */
export class FpnDetector extends Module<Record<string, Value>> {
  readonly stem: Sequential;
  readonly stages: readonly Sequential[];
  readonly neck: FeaturePyramid;
  readonly classHead: Sequential;
  readonly boxHead: Sequential;

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
    this.classHead = head(neck, classes, headGroups);
    this.boxHead = head(neck, BOX_SIDES, headGroups);
  }

  forward(g: ModuleBuilder, x: Value): Record<string, Value> {
    const maps = [g.call(this.stem, x)];
    for (const stage of this.stages) maps.push(g.call(stage, maps.at(-1)!));
    const pyramid = g.call(this.neck, ...maps.slice(-LEVELS.length));
    const predictions = pyramid.flatMap((level, i) => [
      [`classes_${LEVELS[i]}`, g.call(this.classHead, level)],
      [`boxes_${LEVELS[i]}`, g.call(this.boxHead, level)],
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

function head(channels: number, outputs: number, groups: number): Sequential {
  return new Sequential([
    convBnAct(channels, channels, 3, { groups }),
    new Conv2d(channels, outputs, 3, { padding: 1 }),
  ]);
}

/** See {@link FpnDetector}. */
export function fpnDetector(options: FpnDetectorOptions = {}): FpnDetector {
  return new FpnDetector(options);
}
