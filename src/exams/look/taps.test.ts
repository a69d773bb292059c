import { expect, it } from "vitest";
import { survey } from "../../analysis/index.js";
import { parseModel } from "../../graph/index.js";
import { range } from "../../util/math.js";
import { findTaps } from "./taps.js";

async function taps(body: string) {
  const model = parseModel(`m (float[1, 4, 8, 8] x) => (y) <float[4, 4, 1, 1] w,
    float[4] s, float[1, 4, 1, 1] c, float three = {3.0}, float six = {6.0}, float zero = {0.0}> {
      a = Conv(x, w) ${body} }`);
  const { convolutions } = await survey(model);
  const { after, way, batchNorm } = findTaps(model, convolutions).get(convolutions[0])!;
  return [after?.name ?? null, way.map(({ op }) => op).join(" "), batchNorm?.op ?? null];
}

it.each([
  [
    "norm and activation",
    "b = BatchNormalization(a, s, s, s, s) y = Relu(b)",
    ["y", "BatchNormalization Relu", "BatchNormalization"],
  ],
  ["an activation alone", "y = Relu(a)", ["y", "Relu", null]],
  ["nothing", "y = Conv(a, w)", [null, "", null]],
  [
    "scales and shifts alone, which bend nothing",
    "b = Mul(a, c) y = Add(b, c)",
    [null, "Mul Add", null],
  ],
  ["swish, of two paths", "b = Sigmoid(a) y = Mul(a, b)", ["y", "Sigmoid Mul", null]],
  [
    "hard swish, spelt out",
    "b = Add(a, three) d = Clip(b, zero, six) e = Mul(a, d) y = Div(e, six)",
    ["y", "Add Clip Mul Div", null],
  ],
  [
    "an activation before a gate",
    "b = Relu(a) p = GlobalAveragePool(b) g = Conv(p, w) y = Mul(b, g)",
    ["b", "Relu", null],
  ],
  ["an activation before a residual", "b = Relu(a) y = Add(b, x)", ["b", "Relu", null]],
  [
    "a norm that others read beside the activation",
    "b = BatchNormalization(a, s, s, s, s) d = Relu(b) e = Conv(d, w) y = Add(b, e)",
    ["d", "BatchNormalization Relu", "BatchNormalization"],
  ],
  ["a constant over the value, which bends", "y = Div(six, a)", ["y", "Div", null]],
  [
    "a norm over each sample, which bends",
    "y = InstanceNormalization(a, s, s)",
    ["y", "InstanceNormalization", null],
  ],
])("finds %s", async (_, body, expected) => {
  expect(await taps(body)).toEqual(expected);
});

it("goes through many ways at once", async () => {
  // Sixty forks that meet again, and lead nowhere: a walk of every way would take 2^60 steps.
  const forks = range(60).map((i) => {
    const from = i === 0 ? "a" : `v${i}`;
    return `p${i} = Relu(${from}) q${i} = Tanh(${from}) v${i + 1} = Add(p${i}, q${i})`;
  });
  expect(await taps(`${forks.join(" ")} y = Sigmoid(a)`)).toEqual(["y", "Sigmoid", null]);
});
