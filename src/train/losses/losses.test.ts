import { expect, it } from "vitest";
import { writeAndRun } from "../../../tests/support/write-and-run.js";
import { type Tensor, tensor } from "../../tensor/index.js";
import { ShapeError, UsageError } from "../../util/errors.js";
import { crossEntropy, dice, type Loss } from "./index.js";

async function lossOf(loss: Loss, x: Tensor, t: Tensor): Promise<number> {
  const { data } = await writeAndRun({ x, t }, (g, values) =>
    loss.write(g, values.x, values.t, x.shape),
  );
  return Number(data[0]);
}

it("cross-entropy of two classes", async () => {
  // softmax([0, ln 3]) = [1/4, 3/4]; the classes 1 and 0: -(ln(3/4) + ln(1/4)) / 2
  const logits = tensor([0, Math.log(3), 0, Math.log(3)], [2, 2]);
  const value = await lossOf(crossEntropy(), logits, tensor([1n, 0n], [2]));
  expect(value).toBeCloseTo(-(Math.log(3 / 4) + Math.log(1 / 4)) / 2, 6);
});

it("dice, class by class", async () => {
  // Two pixels, two classes, logits so far apart that softmax is 1 and 0: class 0 is said of both pixels,
  // and is true of the first. Class 0: (2 * 1 + 1) / (2 + 1 + 1); class 1: (0 + 1) / (0 + 1 + 1).
  const logits = tensor([50, 50, -50, -50], [1, 2, 1, 2]);
  const value = await lossOf(dice(), logits, tensor([0n, 1n], [1, 1, 2]));
  expect(value).toBeCloseTo(1 - (3 / 4 + 1 / 2) / 2, 6);
});

it("dice of a perfect answer is 0, an absent class included", async () => {
  const logits = tensor([50, -50, -50, 50, -50, -50], [1, 3, 1, 2]);
  const value = await lossOf(dice(), logits, tensor([0n, 1n], [1, 1, 2]));
  expect(value).toBeCloseTo(0, 6);
});

it("targets are class numbers, one for each place", () => {
  for (const loss of [crossEntropy(), dice()]) {
    expect(loss.target([8, 10])).toEqual({ dtype: "int64", shape: [8], classes: 10 });
    expect(loss.target([8, 3, 4, 5])).toEqual({ dtype: "int64", shape: [8, 4, 5], classes: 3 });
    expect(() => loss.target([8])).toThrow(ShapeError);
  }
});

it("label smoothing is a share", () => {
  expect(() => crossEntropy({ labelSmoothing: 1.5 })).toThrow(UsageError);
  expect(() => crossEntropy({ labelSmoothing: Number.NaN })).toThrow(UsageError);
});
