import type { Value } from "../../graph/index.js";
import { ShapeError } from "../../util/errors.js";
import { convBnAct } from "../blocks/conv-bn-act.js";
import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { ConvTranspose2d } from "../layers/conv-transpose2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { MaxPool2d } from "../layers/max-pool2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";
import { Module, type ModuleBuilder } from "../module.js";
import { type ArchitectureOptions, checkArchitecture, nearestMultiple } from "./options.js";

/** Groups at each of the five sizes, finest first; the way up meets them in the other order. */
export type LevelGroups = readonly [number, number, number, number, number];

export interface UNetOptions extends ArchitectureOptions {
  /** Defaults to 1 everywhere. */
  groups?: LevelGroups;
}

const CHANNELS = [64, 128, 256, 512, 1024];

/** Channels are rounded to this, so that 2, 4 and 8 groups divide them at every level. */
const CHANNEL_STEP = 8;

/**
 * U-Net with batch norm and padding, `[N, 3, H, W]` -> `[N, classes, H, W]`, 2 classes by default; H and W
 * must be multiples of 16. Dense, 31,037,698 parameters.
 *
 * Where a level has groups, a dense 1x1 convolution joins what comes up with the skip connection: a
 * grouped one would keep them apart, as they stand side by side.
 *
 * Source: https://arxiv.org/abs/1505.04597, in the form of, and with the parameter names of,
 * https://github.com/milesial/Pytorch-UNet/tree/21d7850f2af30a9695bbeea75f3136aa538cfc4a.
 */
export class UNet extends Module {
  readonly inc: DoubleConv;
  readonly down1: Down;
  readonly down2: Down;
  readonly down3: Down;
  readonly down4: Down;
  readonly up1: Up;
  readonly up2: Up;
  readonly up3: Up;
  readonly up4: Up;
  readonly outc: OutConv;

  constructor(options: UNetOptions = {}) {
    super();
    const { classes = 2, width = 1, groups = [1, 1, 1, 1, 1] } = options;
    checkArchitecture("UNet", { classes, width });
    if (groups[0] !== 1)
      throw new ShapeError(`UNet: groups[0]=${groups[0]} must be 1, as the image has 3 channels`);
    const c = CHANNELS.map((channels) => nearestMultiple(channels * width, CHANNEL_STEP));
    this.inc = new DoubleConv(3, c[0], groups[0]);
    this.down1 = new Down(c[0], c[1], groups[1]);
    this.down2 = new Down(c[1], c[2], groups[2]);
    this.down3 = new Down(c[2], c[3], groups[3]);
    this.down4 = new Down(c[3], c[4], groups[4]);
    this.up1 = new Up(c[4], c[3], groups[3]);
    this.up2 = new Up(c[3], c[2], groups[2]);
    this.up3 = new Up(c[2], c[1], groups[1]);
    this.up4 = new Up(c[1], c[0], groups[0]);
    this.outc = new OutConv(c[0], classes);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const x1 = g.call(this.inc, x);
    const x2 = g.call(this.down1, x1);
    const x3 = g.call(this.down2, x2);
    const x4 = g.call(this.down3, x3);
    const x5 = g.call(this.down4, x4);
    const y4 = g.call(this.up1, x5, x4);
    const y3 = g.call(this.up2, y4, x3);
    const y2 = g.call(this.up3, y3, x2);
    const y1 = g.call(this.up4, y2, x1);
    return g.call(this.outc, y1);
  }
}

/** Twice: 3x3 convolution, batch norm, ReLU. */
class DoubleConv extends Module {
  readonly doubleConv: Sequential;

  constructor(inChannels: number, outChannels: number, groups: number) {
    super();
    const layers = (channels: number): Module[] => [
      new Conv2d(channels, outChannels, 3, { padding: 1, groups, bias: false }),
      new BatchNorm2d(outChannels),
      new ReLU(),
    ];
    this.doubleConv = new Sequential([...layers(inChannels), ...layers(outChannels)]);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.call(this.doubleConv, x);
  }
}

class Down extends Module {
  readonly maxpoolConv: Sequential;

  constructor(inChannels: number, outChannels: number, groups: number) {
    super();
    const conv = new DoubleConv(inChannels, outChannels, groups);
    this.maxpoolConv = new Sequential([new MaxPool2d(2), conv]);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.call(this.maxpoolConv, x);
  }
}

/** Doubles the size, sets the skip connection beside it, convolves. */
class Up extends Module {
  readonly up: ConvTranspose2d;
  readonly fuse: Sequential | null;
  readonly conv: DoubleConv;

  constructor(inChannels: number, outChannels: number, groups: number) {
    super();
    this.up = new ConvTranspose2d(inChannels, outChannels, 2, { stride: 2, groups });
    this.fuse = groups === 1 ? null : convBnAct(2 * outChannels, outChannels, 1);
    this.conv = new DoubleConv(this.fuse ? outChannels : 2 * outChannels, outChannels, groups);
  }

  forward(g: ModuleBuilder, x: Value, skip: Value): Value {
    const joined = g.op("Concat", [skip, g.call(this.up, x)], { axis: 1 });
    return g.call(this.conv, this.fuse ? g.call(this.fuse, joined) : joined);
  }
}

class OutConv extends Module {
  readonly conv: Conv2d;

  constructor(inChannels: number, classes: number) {
    super();
    this.conv = new Conv2d(inChannels, classes, 1);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.call(this.conv, x);
  }
}

/** The dense U-Net. See {@link UNet}. */
export function unet(options: UNetOptions = {}): UNet {
  return new UNet(options);
}

/** S10: a U-Net with groups 2, 4, 8 on the way down and 8, 4, 2 on the way up. See {@link UNet}. */
export function unetGrouped(options: UNetOptions = {}): UNet {
  return new UNet({ groups: [1, 2, 4, 8, 8], ...options });
}
