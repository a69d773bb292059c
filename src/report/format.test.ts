import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleResult } from "../../tests/support/sample-result.js";
import type { ConvolutionRow } from "../audits/result.js";
import {
  channelsPerGroupText,
  compact,
  fastPathText,
  groupsText,
  kernelText,
  mixingText,
  percent,
  shapeText,
} from "./format.js";

const row = sampleResult().convolutions[0];

describe("compact", () => {
  it.each([
    [null, "–"],
    [0, "0"],
    [7, "7"],
    [999, "999"],
    [1000, "1.00 K"],
    [9472, "9.47 K"],
    [99_940, "99.9 K"],
    [999_499, "999 K"],
    [999_500, "1.00 M"], // not "1000 K"
    [1_142_816_768, "1.14 G"],
    [2 ** 53, "9.01 P"],
    [1e18, "1000 P"],
  ])("%d is %s", (n, text) => expect(compact(n)).toBe(text));

  it("is off by less than half a percent, and short", () => {
    const units: Record<string, number> = { "": 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 15 }), (n) => {
        const [digits, unit = ""] = compact(n).split(" ");
        expect(Math.abs(Number(digits) * units[unit] - n) / n).toBeLessThanOrEqual(0.005);
        expect(digits.length).toBeLessThanOrEqual(4);
      }),
    );
  });
});

describe("percent", () => {
  it.each([
    [0, 10, "0 %"],
    [1, 3, "33 %"],
    [1, 1000, "< 1 %"],
    [10, 10, "100 %"],
    [0, 0, "–"],
  ])("%d of %d is %s", (part, whole, text) => expect(percent(part, whole)).toBe(text));
});

it.each([
  [[1, 3, 320, 320], "[1, 3, 320, 320]"],
  [[], "[]"],
  [null, "–"],
])("the shape %j is %s", (shape, text) => expect(shapeText(shape)).toBe(text));

it.each([
  [[3, 3], [1, 1], "3×3"],
  [[3, 3], [2, 2], "3×3 /2"],
  [[1, 7], [2, 1], "1×7 /2×1"],
  [[5], [1], "5"],
])("kernel %j with strides %j is %s", (kernel, strides, text) =>
  expect(kernelText({ ...row, kernel, strides })).toBe(text),
);

it.each([
  [1, 64, "1 group × 64 channels"],
  [32, 4, "32 groups × 4 channels"],
  [64, 1, "64 groups × 1 channel"],
  [128, 0, "128 groups × under 1 channel"],
])("%d groups of %d are %s", (groups, channelsPerGroup, text) =>
  expect(groupsText({ groups, channelsPerGroup })).toBe(text),
);

it("says that a group has less than one channel, not none", () => {
  expect([0, 1, 4].map(channelsPerGroupText)).toEqual(["< 1", "1", "4"]);
});

it("doubts a kernel that the runtime's own graph does not confirm", () => {
  const texts = [true, null, false].map((confirmed) =>
    fastPathText({ ...row, fastPath: { ...row.fastPath, path: "fast", confirmed } }),
  );
  expect(texts).toEqual(["fast", "fast", "fast?"]);
});

it.each([
  ["grouped", { status: "mixed", mixedBy: "conv2", separateParts: 1 }, "conv2"],
  ["grouped", { status: "mixed", mixedBy: null, separateParts: 1 }, "mixed"],
  ["grouped", { status: "gain", mixedBy: "Mul", separateParts: 8 }, "gain only: Mul"],
  ["grouped", { status: "gain", mixedBy: null, separateParts: 8 }, "gain only"],
  ["grouped", { status: "separate", mixedBy: null, separateParts: 8 }, "never: 8 parts"],
  ["depthwise", { status: "unknown", mixedBy: null, separateParts: 1 }, "unknown"],
  ["dense", { status: "dense", mixedBy: null, separateParts: 1 }, "–"],
] as const)("a %s layer with %j is mixed by %s", (kind, mixing, text) => {
  const layer: ConvolutionRow = { ...row, kind, mixing };
  expect(mixingText(layer)).toBe(text);
});
