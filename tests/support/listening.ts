import { expect } from "vitest";
import {
  type ExamData,
  type ExamineOptions,
  examine,
  type ListenSection,
} from "../../src/exams/index.js";
import { type Model, parseModel } from "../../src/graph/index.js";
import { Rng, tensor } from "../../src/tensor/index.js";

/** What listen says, which is plain JSON. */
export async function listenTo(
  model: Model,
  data: ExamData,
  options: ExamineOptions = {},
): Promise<ListenSection> {
  const report = await examine(model, data, { ...options, exams: ["listen"] });
  expect(report.exams[0].reason).toBeNull();
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  return report.sections.listen!;
}

/** Two grouped layers with norm, smooth activations, a residual sum. */
export const smallNetwork = (attributes = "") =>
  parseModel(`
    m (float[N, 8, 5, 5] x) => (float[N, 4, 5, 5] y) <
      float[8, 2, 3, 3] w1, float[8] b1, float[4, 4, 3, 3] w2,
      float[8] scale, float[8] bias, float[8] mean, float[8] variance> {
      [one] a = Conv<group = 4, pads = [1, 1, 1, 1]>(x, w1, b1)
      n = BatchNormalization(a, scale, bias, mean, variance)
      t = Tanh(n)
      r = Add(t, x)
      [two] b = Conv<group = 2, pads = [1, 1, 1, 1]${attributes}>(r, w2)
      y = Sigmoid(b) }`);

/** With every weight drawn. */
export function withWeights(model: Model, seed = 3): Model {
  const rng = new Rng(seed);
  for (const value of model.graph.initializers) {
    const numbers = rng.fork(value.name).normal([...value.initializer!.shape], 0, 0.4);
    value.initializer =
      value.name === "variance"
        ? tensor(
            numbers.data.map((v) => 0.5 + Math.abs(v)),
            numbers.shape,
          )
        : numbers;
  }
  return model;
}
