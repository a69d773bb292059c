import { expect, it } from "vitest";
import { runModel } from "../../../tests/support/run-model.js";
import { intAttribute } from "../../graph/index.js";
import { maxDifference, Rng, tensor } from "../../tensor/index.js";
import { ShapeError } from "../../util/errors.js";
import { product } from "../../util/math.js";
import { buildModel } from "../build-model.js";
import { namedParameters, stateDict } from "../state.js";
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
  expect(groupsOf(/^class_head\.tower/, { headGroups: 16 })).toEqual([16]);
  expect(groupsOf(/^class_head\.predict/, { headGroups: 16 })).toEqual([1]);
  expect(() => fpnDetector({ neckGroups: 7 })).toThrow(ShapeError);
});

it("shares each head's convolutions among the levels", () => {
  const { graph } = buildModel(fpnDetector(), { inputShape: [1, 3, 64, 64] });
  for (const name of ["class_head.tower.weight", "box_head.predict.weight"])
    expect(graph.find(name)!.uses).toHaveLength(3);
});

it("has for each level and head a batch norm of 4 numbers a channel, 2 of them learned", () => {
  const net = fpnDetector();
  const norms = [...stateDict(net)].filter(([name]) => /_head\.norms\./.test(name));
  const count = norms.reduce((sum, [, { shape }]) => sum + product(shape), 0);
  expect(count).toBe(2 * 3 * 64 * 4);
  const heads = [...namedParameters(net)].filter(([name]) => /_head\./.test(name));
  const tower = 64 * 64 * 9 + 3 * 2 * 64;
  expect(heads.reduce((sum, [, { shape }]) => sum + product(shape), 0)).toBe(
    tower + 20 * 64 * 9 + 20 + (tower + 4 * 64 * 9 + 4),
  );
});

it("predicts in inference what it does in training, at each level, once its statistics are those of the data", async () => {
  const net = fpnDetector({ classes: 2, width: 0.25 });
  const x = new Rng(1).normal([8, 3, 64, 64], 1, 2);
  const inputShape = x.shape;
  const trained = await runModel(buildModel(net, { inputShape, mode: "training" }), x);
  for (const [name, buffer] of stateDict(net)) {
    const next = trained[`${name}.next`];
    if (!next) continue;
    const first = name.endsWith("running_var") ? 1 : 0;
    // next = 0.9 * first + 0.1 * that of the batch
    const data = Float32Array.from(next.data as Float32Array, (value) => 10 * value - 9 * first);
    buffer.value = tensor(data, next.shape);
  }
  const inferred = await runModel(buildModel(net, { inputShape }), x);
  for (const level of ["p3", "p4", "p5"])
    for (const output of [`classes_${level}`, `boxes_${level}`])
      expect(maxDifference(inferred[output].data, trained[output].data)).toBeLessThan(1e-3);
});
