import { expect, it } from "vitest";
import { intAttribute } from "../../graph/index.js";
import { ShapeError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { type FpnDetectorOptions, fpnDetector } from "./fpn-detector.js";

/** Groups of the convolutions below a module, each count once. */
function groupsOf(part: RegExp, options: FpnDetectorOptions = {}): number[] {
  const { graph } = buildModel(fpnDetector(options), { inputShape: [1, 3, 64, 64] });
  const convs = graph.nodes.filter((node) => node.op === "Conv" && part.test(node.name));
  return [...new Set(convs.map((node) => intAttribute(node, "group", 1)))];
}

it("has 4 groups in the pyramid's 3x3 convolutions and dense heads (S9)", () => {
  expect(groupsOf(/^neck\.output/)).toEqual([4]);
  expect(groupsOf(/^neck\.lateral/)).toEqual([1]);
  expect(groupsOf(/^(class|box)_head/)).toEqual([1]);
});

it("takes other groups, and predicts densely even so", () => {
  expect(groupsOf(/^neck\.output/, { neckGroups: 8 })).toEqual([8]);
  expect(groupsOf(/^class_head\.0/, { headGroups: 16 })).toEqual([16]);
  expect(groupsOf(/^class_head\.1/, { headGroups: 16 })).toEqual([1]);
  expect(() => fpnDetector({ neckGroups: 7 })).toThrow(ShapeError);
});

it("shares each head's weights among the levels", () => {
  const { graph } = buildModel(fpnDetector(), { inputShape: [1, 3, 64, 64] });
  for (const name of ["class_head.0.0.weight", "box_head.1.weight"])
    expect(graph.find(name)!.uses).toHaveLength(3);
});
