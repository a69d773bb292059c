import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { maxDifference, tensor } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { Upsample } from "./upsample.js";

const x = tensor([0, 4], [1, 1, 1, 2]);
const run = async (layer: Upsample) => [...(await runNetwork(layer, x)).data];

describe("[0, 4] twice as wide", () => {
  it("nearest repeats pixels", async () => {
    expect(await run(new Upsample([1, 2]))).toEqual([0, 0, 4, 4]);
  });

  it("bilinear keeps corner areas: pixel i sits at (i + 0.5) / 2 - 0.5", async () => {
    // -0.25 (held at the edge), 0.25, 0.75, 1.25 (held)
    expect(await run(new Upsample([1, 2], { mode: "bilinear" }))).toEqual([0, 1, 3, 4]);
  });

  it("bilinear with alignCorners keeps corner pixels: pixel i sits at i / 3", async () => {
    const y = await run(new Upsample([1, 2], { mode: "bilinear", alignCorners: true }));
    expect(maxDifference(y, [0, 4 / 3, 8 / 3, 4])).toBeLessThan(1e-6);
  });
});

it("one scale is for both axes", async () => {
  const y = await runNetwork(new Upsample(2), tensor([1, 2, 3, 4], [1, 1, 2, 2]));
  expect(y.shape).toEqual([1, 1, 4, 4]);
  expect([...y.data]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
});

it("a scale that does not divide rounds down, as nearest does", async () => {
  // floor(3 * 1.5) = 4 pixels, pixel i is floor(i / 1.5)
  const y = await runNetwork(new Upsample([1, 1.5]), tensor([1, 2, 3], [1, 1, 1, 3]));
  expect([...y.data]).toEqual([1, 1, 2, 3]);
});

it("refuses what has no meaning", () => {
  expect(() => new Upsample(0)).toThrow("Upsample: scale=0 must be greater than 0");
  expect(() => new Upsample([2, Number.NaN])).toThrow(UsageError);
  expect(() => new Upsample(2, { alignCorners: true })).toThrow("must go with mode=bilinear");
});
