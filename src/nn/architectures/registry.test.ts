import { describe, expect, it } from "vitest";
import { runModel } from "../../../tests/support/run-model.js";
import { Rng } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { parameterCount } from "../state.js";
import { type Architecture, type ArchitectureName, architectures } from "./registry.js";

/** Output shapes for 2 images of 64x64 and 5 classes. */
const classified = { output: [2, 5] };
const segmented = { output: [2, 5, 64, 64] };
const OUTPUTS: Record<ArchitectureName, Record<string, number[]>> = {
  resnet50: classified,
  resnext50_32x4d: classified,
  regnet_x_400mf: classified,
  mobilenet_v2: classified,
  shufflenet_v1_g3: classified,
  shufflenet_v2_x1_0: classified,
  efficientnet_b0: classified,
  unet: segmented,
  unet_grouped: segmented,
  fpn_detector: {
    classes_p3: [2, 5, 8, 8],
    boxes_p3: [2, 4, 8, 8],
    classes_p4: [2, 5, 4, 4],
    boxes_p4: [2, 4, 4, 4],
    classes_p5: [2, 5, 2, 2],
    boxes_p5: [2, 4, 2, 2],
  },
};

const all = Object.entries(architectures) as [ArchitectureName, Architecture][];

describe.each(all)("%s", (name, make) => {
  const small = () => make({ classes: 5, width: 0.25 });
  const images = new Rng(7).normal([2, 3, 64, 64]);

  it("runs, small, on a batch of any size, and tells two images apart", async () => {
    const model = buildModel(small(), { inputShape: ["N", 3, 64, 64], seed: 1 });
    const outputs = await runModel(model, images);
    const shapes = Object.entries(outputs).map(([output, { shape }]) => [output, shape]);
    expect(Object.fromEntries(shapes)).toEqual(OUTPUTS[name]);
    for (const { data } of Object.values(outputs)) {
      expect(data.every(Number.isFinite)).toBe(true);
      expect(data.slice(0, data.length / 2)).not.toEqual(data.slice(data.length / 2));
    }
  });

  it("runs in training mode too, with finite statistics for every batch norm", async () => {
    const options = { inputShape: images.shape, mode: "training", seed: 1 } as const;
    const model = buildModel(small(), options);
    const buffers = model.graph.initializers.filter((value) =>
      /running_(mean|var)$/.test(value.name),
    );
    const outputs = await runModel(model, images);
    expect(buffers.length).toBeGreaterThan(0);
    for (const { name: buffer } of buffers) {
      const { data } = outputs[`${buffer}.next`];
      expect(data.every(Number.isFinite)).toBe(true);
      expect(data.some((value) => value !== (buffer.endsWith("mean") ? 0 : 1))).toBe(true);
    }
  });

  it("grows with its width", () => {
    const counts = [0.05, 0.25, 0.5, 1, 1.5].map((width) => parameterCount(make({ width })));
    expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
  });

  it("refuses options out of range", () => {
    expect(() => make({ classes: 0 })).toThrow(UsageError);
    expect(() => make({ classes: 0 })).toThrow("classes=0 must be a whole number of at least 1");
    for (const width of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => make({ width })).toThrow(`width=${width} must be greater than 0`);
  });
});
