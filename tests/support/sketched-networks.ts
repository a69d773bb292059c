import type { Model, Value } from "../../src/graph/index.js";
import { Sketch } from "./sketch.js";

/** Well-known networks, drawn small: the joints are theirs, the layers in between fewer. */

/** A trunk whose maps have strides 2, 4, 8, ...: one strided convolution and one more, a level. */
function trunk(s: Sketch, x: Value, levels: number): Value[] {
  const maps = [s.conv("stem", x, 8, { stride: 2 })];
  for (let level = 1; level < levels; level++) {
    const halved = s.conv(`c${level + 1}.down`, maps[level - 1], 8 << level, { stride: 2 });
    maps.push(s.conv(`c${level + 1}.conv`, halved, 8 << level));
  }
  return maps;
}

/** Cross-stage block: two branches side by side, one with a residual convolution. */
function csp(s: Sketch, name: string, x: Value, out: number): Value {
  const a = s.conv(`${name}.cv1`, x, out / 2, { kernel: 1 });
  const b = s.conv(`${name}.cv2`, x, out / 2, { kernel: 1 });
  const inner = s.add(`${name}.add`, a, s.conv(`${name}.m`, a, out / 2));
  return s.conv(`${name}.cv3`, s.concat(`${name}.concat`, inner, b), out, { kernel: 1 });
}

/** YOLOv5: concatenating pyramid, a way down again, one convolution a head, predictions side by side. */
export function yolov5(): Model {
  const s = new Sketch();
  const [, , c3, c4, c5] = trunk(s, s.image(64), 5);
  const p5 = s.conv("p5", csp(s, "sppf", c5, 32), 32, { kernel: 1 });
  const m4 = csp(s, "n4", s.concat("merge4", s.up("up5", p5), c4), 32);
  const p4 = s.conv("p4", m4, 32, { kernel: 1 });
  const n3 = csp(s, "n3", s.concat("merge3", s.up("up4", p4), c3), 32);
  const n4 = csp(s, "pan4", s.concat("join4", s.conv("down3", n3, 32, { stride: 2 }), p4), 32);
  const n5 = csp(s, "pan5", s.concat("join5", s.conv("down4", n4, 32, { stride: 2 }), p5), 32);
  const heads = [n3, n4, n5].map((n, i) => s.bare(`detect.${i}`, n, 18, { kernel: 1 }));
  const rows = heads.map((head) => s.transpose(s.flat(s.op("Sigmoid", [head])), [0, 2, 1]));
  s.output("predictions", s.op("Concat", rows, { axis: 1 }));
  return s.model;
}

/** YOLOv8's heads: no convolution that both branches pass, and one more over decoded boxes. */
export function yolov8Heads(): Model {
  const s = new Sketch();
  const [, , c3, c4] = trunk(s, s.image(64), 4);
  const n3 = csp(s, "n3", s.concat("merge3", s.up("up4", c4), c3), 32);
  const n4 = csp(s, "pan4", s.concat("join4", s.conv("down3", n3, 32, { stride: 2 }), c4), 32);
  const branch = (name: string, x: Value, out: number) =>
    s.bare(`${name}.2`, s.conv(`${name}.1`, s.conv(`${name}.0`, x, 16), 16), out, { kernel: 1 });
  const rows = [n3, n4].map((n, i) => [
    s.flat(branch(`box.${i}`, n, 16)),
    s.flat(branch(`class.${i}`, n, 4)),
  ]);
  const boxes = s.op(
    "Concat",
    rows.map(([box]) => box),
    { axis: 2 },
  ); // [1, 16, 80]
  const bins = s.op("Softmax", [s.transpose(s.reshape(boxes, [1, 4, 4, 80]), [0, 2, 1, 3])], {
    axis: 1,
  });
  const sides = s.reshape(s.bare("dfl", bins, 1, { kernel: 1 }), [1, 4, 80]);
  const classes = s.op(
    "Concat",
    rows.map(([, row]) => row),
    { axis: 2 },
  );
  s.output("predictions", s.op("Concat", [sides, s.op("Sigmoid", [classes])], { axis: 1 }));
  return s.model;
}

/** YOLOv3-tiny: the coarser level splits a convolution before the upsampling. */
export function yolov3Tiny(): Model {
  const s = new Sketch();
  const [, , , c4, c5] = trunk(s, s.image(64), 5);
  const split = s.conv("neck", c5, 32, { kernel: 1 });
  s.output("coarse", s.bare("head5", s.conv("pre5", split, 64), 18, { kernel: 1 }));
  const up = s.up("up", s.conv("reduce", split, 16, { kernel: 1 }));
  s.output(
    "fine",
    s.bare("head4", s.conv("pre4", s.concat("merge", up, c4), 64), 18, { kernel: 1 }),
  );
  return s.model;
}

/**
 * RetinaNet: pyramid with two more levels on top, and heads whose weights all levels share; or with
 * predictions of each level's own behind the shared towers.
 */
export function retinaNet({ ownPredictions = false } = {}): Model {
  const s = new Sketch();
  const shared = (weight: string) => (ownPredictions ? {} : { weight });
  const [, , c3, c4, c5] = trunk(s, s.image(128), 5);
  const l5 = s.bare("lateral5", c5, 16, { kernel: 1 });
  const l4 = s.add("merge4", s.bare("lateral4", c4, 16, { kernel: 1 }), s.up("up5", l5));
  const l3 = s.add("merge3", s.bare("lateral3", c3, 16, { kernel: 1 }), s.up("up4", l4));
  const p6 = s.bare("p6", c5, 16, { stride: 2 });
  const p7 = s.bare("p7", s.op("Relu", [p6]), 16, { stride: 2 });
  const smooth = [l3, l4, l5].map((l, i) => s.bare(`smooth${i + 3}`, l, 16));
  for (const [i, p] of [...smooth, p6, p7].entries()) {
    const tower = s.conv(`tower.${i}`, p, 16, { weight: "tower" });
    s.output(`class${i}`, s.bare(`class.${i}`, tower, 9, shared("class")));
    s.output(`box${i}`, s.bare(`box.${i}`, tower, 4, shared("box")));
  }
  return s.model;
}

/** SSDLite: predictions from the trunk's own maps, depthwise and 1x1. */
export function ssdLite(): Model {
  const s = new Sketch();
  const maps = trunk(s, s.image(128), 6).slice(3);
  const rows = maps.flatMap((map, i) =>
    ["class", "box"].map((kind) => {
      const groups = s.channels(map);
      const own = s.conv(`${kind}${i}.dw`, map, groups, { groups });
      return s.flat(s.bare(`${kind}${i}.pw`, own, 8, { kernel: 1 }));
    }),
  );
  s.output("rows", s.op("Concat", rows, { axis: 2 }));
  return s.model;
}

/** CenterNet: one level, made finer again by transposed convolutions, and several predictions. */
export function centerNet(): Model {
  const s = new Sketch();
  const [, , , , c5] = trunk(s, s.image(128), 5);
  let x = c5;
  for (const level of [4, 3, 2]) x = s.op("Relu", [s.deconv(`deconv${level}`, x, 16)]);
  for (const [name, out] of [
    ["heat", 20],
    ["size", 2],
    ["offset", 2],
  ] as const)
    s.output(name, s.bare(`${name}.1`, s.conv(`${name}.0`, x, 16), out, { kernel: 1 }));
  return s.model;
}

/** DeepLabV3+: dilated pyramid pooling with an image-wide branch, one skip connection with a convolution. */
export function deepLabV3Plus(): Model {
  const s = new Sketch();
  const [, c2, , c4] = trunk(s, s.image(64), 4);
  const image = s.up(
    "image.up",
    s.conv("image.conv", s.gap("image.pool", c4), 16, { kernel: 1 }),
    4,
  );
  const wide = s.conv("aspp.3x3", c4, 16);
  const aspp = s.concat("aspp.concat", s.conv("aspp.1x1", c4, 16, { kernel: 1 }), wide, image);
  const coarse = s.conv("aspp.project", aspp, 16, { kernel: 1 });
  const low = s.conv("low", c2, 6, { kernel: 1 });
  const joined = s.concat("join", s.up("up16", coarse, 4), low);
  const scores = s.bare("classifier", s.conv("fuse", joined, 16), 5, { kernel: 1 });
  s.output("scores", s.up("up4", scores, 4));
  return s.model;
}

interface UNetOptions {
  /** Convolutions on the skip connections. */
  skipConv?: boolean;
  /** Attention gates on them: what comes up says where to look. */
  gated?: boolean;
  /** A classifier at the bottom. */
  classifier?: boolean;
  /** A prediction at every level of the way up. */
  supervised?: boolean;
  /** Padding 0: maps shrink in every convolution, and are cropped for the skip connections. */
  unpadded?: boolean;
}

/** U-Net with three levels, and variations of it. */
export function sketchedUNet(options: UNetOptions = {}): Model {
  const { skipConv, gated, classifier, supervised, unpadded } = options;
  const pad = unpadded ? 0 : 1;
  const s = new Sketch();
  const down: Value[] = [];
  let x = s.image(unpadded ? 140 : 64);
  for (let level = 0; level < 3; level++) {
    if (level > 0) x = s.pool(x);
    x = s.conv(`down${level}.0`, x, 8 << level, { pad });
    x = s.conv(`down${level}.1`, x, 8 << level, { pad });
    down.push(x);
  }
  if (classifier) s.output("kind", s.linear("kind.fc", s.gap("kind.pool", x), 3));
  for (const level of [1, 0]) {
    const up = s.deconv(`up${level}.deconv`, x, 8 << level);
    let skip = down[level];
    if (unpadded) {
      // 140 -> 136 | 68 -> 64 | 32 -> 28 | 56: 4 less than 64 on each side, -> 54 | 108: 14 less than 136
      const crop = level === 1 ? 4 : 14;
      const size = level === 1 ? 64 : 136;
      skip = s.op("Slice", [
        skip,
        s.ints([crop, crop]),
        s.ints([size - crop, size - crop]),
        s.ints([2, 3]),
      ]);
    }
    if (skipConv) skip = s.conv(`skip${level}`, skip, 8 << level, { kernel: 1 });
    if (gated) {
      const seen = s.add(
        `gate${level}.add`,
        s.bare(`gate${level}.x`, skip, 4),
        s.bare(`gate${level}.up`, up, 4),
      );
      const where = s.op("Sigmoid", [s.bare(`gate${level}.psi`, s.op("Relu", [seen]), 1)]);
      skip = s.named(`gate${level}`, "Mul", [skip, where]);
    }
    x = s.conv(`up${level}.0`, s.concat(`up${level}.join`, skip, up), 8 << level, { pad });
    if (supervised && level > 0)
      s.output(`out${level}`, s.bare(`predict${level}`, x, 2, { kernel: 1 }));
  }
  s.output("out", s.bare("predict", x, 2, { kernel: 1 }));
  return s.model;
}

/** LeNet: valid convolutions, flattened, no global pooling. */
export function leNet(): Model {
  const s = new Sketch();
  const c1 = s.pool(s.conv("conv1", s.image(32, 1), 6, { kernel: 5, pad: 0 }));
  const c3 = s.pool(s.conv("conv2", c1, 16, { kernel: 5, pad: 0 }));
  s.output("digit", s.linear("fc2", s.op("Relu", [s.linear("fc1", c3, 84, 25)]), 10));
  return s.model;
}

/** SqueezeNet's end: the last convolution makes the classes, then pooling. */
export function squeezeNetEnd(): Model {
  const s = new Sketch();
  const maps = trunk(s, s.image(64), 4);
  s.output("classes", s.gap("pool", s.conv("classes.conv", maps[3], 10, { kernel: 1 })));
  return s.model;
}

/** MobileNetV3's end: two 1x1 convolutions after the pooling. */
export function mobileNetV3End(): Model {
  const s = new Sketch();
  const pooled = s.gap("pool", trunk(s, s.image(64), 4)[3]);
  const wide = s.op("HardSwish", [s.bare("conv_head", pooled, 32, { kernel: 1 })]);
  s.output("classes", s.flat(s.bare("classifier", wide, 10, { kernel: 1 })));
  return s.model;
}

/** Encoder and decoder without connections between them. */
export function autoencoder(): Model {
  const s = new Sketch();
  const [, , code] = trunk(s, s.image(64), 3);
  const up = s.deconv("up2", s.deconv("up1", s.deconv("up0", code, 8), 8), 8);
  s.output("image_again", s.bare("last", up, 3));
  return s.model;
}

/** Finer than its input, and never coarser. */
export function superResolution(): Model {
  const s = new Sketch();
  const x = s.conv("c2", s.conv("c1", s.image(32), 16), 12);
  s.output("large", s.op("DepthToSpace", [x], { blocksize: 2 }));
  return s.model;
}
