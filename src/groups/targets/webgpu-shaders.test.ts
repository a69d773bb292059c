import { describe, expect, it } from "vitest";
import { validGroups } from "../divisibility.js";
import type { ConvShape } from "./target.js";
import { webgpuFault } from "./webgpu-shaders.js";

/** Group counts said to come out wrong. */
function wrongCounts(
  inChannels: number,
  outChannels: number,
  given: Partial<ConvShape> = {},
): number[] {
  return validGroups(inChannels, outChannels).filter(
    (groups) => webgpuFault({ inChannels, outChannels, groups, kernel: [3, 3], ...given }) !== null,
  );
}

/** Counts that came out wrong when onnxruntime-web 1.30 ran all of them; others are worked out beside. */
describe("webgpuFault", () => {
  it.each([
    [24, 24, [4]],
    [40, 40, [4, 8]],
    [60, 60, [2, 4, 6, 10, 12]],
    [64, 64, []],
  ])("of %i channels in and %i out knows the counts", (inChannels, outChannels, wrong) => {
    expect(wrongCounts(inChannels, outChannels)).toEqual(wrong);
    expect(wrongCounts(inChannels, outChannels, { kernel: [1] })).toEqual(wrong);
  });

  it("goes by the outputs alone", () => {
    expect(wrongCounts(24, 48)).toEqual([8]); // 6 outputs a group; 12 of 4 groups are whole vectors
    expect(wrongCounts(48, 24)).toEqual([4]); // 6
    expect(wrongCounts(24, 30)).toEqual([2, 6]); // 15 and 5 in vectors of 2; 10 of 3 groups are whole
    expect(wrongCounts(45, 45)).toEqual([]); // one at a time
  });

  it("of transposed ones knows those with 1 output a group and an even number of inputs", () => {
    const op = "ConvTranspose";
    expect(wrongCounts(24, 4, { op })).toEqual([4]);
    expect(wrongCounts(20, 4, { op })).toEqual([]); // 5 inputs
    expect(wrongCounts(24, 8, { op })).toEqual([]); // 3 inputs, and 2 outputs of 4 groups
    expect(wrongCounts(24, 24, { op })).toEqual([]);
    expect(wrongCounts(4, 1, { op })).toEqual([]); // dense
  });

  it("has nothing to say of 3-d ones, which are refused", () => {
    expect(wrongCounts(24, 24, { kernel: [3, 3, 3] })).toEqual([]);
  });

  it("says what is wrong with the numbers of the layer", () => {
    const shape = { inChannels: 30, outChannels: 30, groups: 6, kernel: [3, 3] };
    expect(webgpuFault(shape)).toBe(
      "5 outputs per group are no multiple of the 2 that it computes at once, from the inputs of one group",
    );
    expect(webgpuFault({ ...shape, outChannels: 6, inChannels: 24, op: "ConvTranspose" })).toBe(
      "with 1 output and 4 inputs per group, an even number, all groups but the first read the wrong weights",
    );
  });
});
