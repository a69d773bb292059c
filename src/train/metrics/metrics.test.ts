import { expect, it } from "vitest";
import { writeAndRun } from "../../../tests/support/write-and-run.js";
import { type Tensor, tensor } from "../../tensor/index.js";
import { accuracy, type Metric, meanAbsoluteError, meanIou } from "./index.js";

/** The metric over batches, whose counts are added up as `fit` does. */
async function over(metric: Metric, ...batches: readonly (readonly [Tensor, Tensor])[]) {
  let counts: Float64Array | undefined;
  for (const [x, t] of batches) {
    const { data } = await writeAndRun({ x, t }, (g, values) =>
      metric.write(g, values.x, values.t, x.shape),
    );
    counts = Float64Array.from(data as Float32Array, (count, i) => count + (counts?.[i] ?? 0));
  }
  return metric.finish(counts!);
}

it("accuracy counts over batches of different sizes", async () => {
  // right, wrong; right: 2 of 3
  const value = await over(
    accuracy(),
    [tensor([1, 0, 1, 0], [2, 2]), tensor([0n, 1n], [2])],
    [tensor([0, 1], [1, 2]), tensor([1n], [1])],
  );
  expect(value).toBeCloseTo(2 / 3, 12);
});

it("intersection over union, the mean over classes that occur", async () => {
  // said 0 0 1 1, true 0 1 1 1; class 0: 1 / 2, class 1: 2 / 3, class 2 does not occur
  const logits = tensor([5, 5, 0, 0, 0, 0, 5, 5, -9, -9, -9, -9], [1, 3, 2, 2]);
  const value = await over(meanIou(), [logits, tensor([0n, 1n, 1n, 1n], [1, 2, 2])]);
  expect(value).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
});

it("mean absolute error over batches", async () => {
  const value = await over(
    meanAbsoluteError(),
    [tensor([1, 2], [1, 2]), tensor([0, 4], [1, 2])],
    [tensor([1, 1, 1, 1], [2, 2]), tensor([1, 1, 1, 4], [2, 2])],
  );
  expect(value).toBeCloseTo((1 + 2 + 3) / 6, 12);
});
