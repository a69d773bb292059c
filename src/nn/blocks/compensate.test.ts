import { expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { full, Rng, tensor } from "../../tensor/index.js";
import { ShapeError } from "../../util/errors.js";
import { Conv2d } from "../layers/conv2d.js";
import { stateDict } from "../state.js";
import { compensate } from "./compensate.js";

it("adds a dense 1x1 branch to the convolution", async () => {
  const conv = new Conv2d(4, 4, 1, { groups: 4, bias: false });
  const block = compensate(conv);
  conv.weight.value = full(conv.weight.shape, 1);
  stateDict(block).get("shortcut.weight")!.value = full([4, 4, 1, 1], 10);
  const y = await runNetwork(block, tensor([1, 2, 3, 4], [1, 4, 1, 1]));
  // each channel by itself, and ten times the sum of all
  expect([...y.data]).toEqual([101, 102, 103, 104]);
});

it("steps as the convolution does", async () => {
  const conv = new Conv2d(4, 6, [3, 5], {
    groups: 2,
    stride: [2, 1],
    padding: [2, 2],
    dilation: [2, 1],
  });
  const y = await runNetwork(compensate(conv), new Rng(1).normal([1, 4, 7, 6]));
  expect(y.shape).toEqual([1, 6, 4, 6]);
});

it("refuses a convolution whose output has another size", () => {
  expect(() => compensate(new Conv2d(4, 4, 3))).toThrow(ShapeError);
  expect(() => compensate(new Conv2d(4, 4, 3))).toThrow(
    "compensate: padding=0 must be half of dilation * (kernel - 1)=2",
  );
});
