import fc from "fast-check";
import { expect, it } from "vitest";
import { runModel, runNetwork } from "../../../tests/support/run-model.js";
import { Rng, tensor } from "../../tensor/index.js";
import { ShapeError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { ChannelShuffle } from "./channel-shuffle.js";
import { Sequential } from "./sequential.js";

it("deals the channels of each group out in turn", async () => {
  const x = tensor([0, 1, 2, 3, 4, 5], [1, 6, 1, 1]);
  // groups [0 1 2] [3 4 5]: first of each, second of each, third of each
  expect([...(await runNetwork(new ChannelShuffle(6, 2), x)).data]).toEqual([0, 3, 1, 4, 2, 5]);
  // groups [0 1] [2 3] [4 5]
  expect([...(await runNetwork(new ChannelShuffle(6, 3), x)).data]).toEqual([0, 2, 4, 1, 3, 5]);
});

it("moves whole channels, sample by sample, at sizes the model leaves open", async () => {
  const model = buildModel(new ChannelShuffle(4, 2), { inputShape: ["N", 4, "H", "W"] });
  const x = new Rng(1).normal([2, 4, 3, 2]);
  const { output } = await runModel(model, x);
  expect(output.shape).toEqual([2, 4, 3, 2]);
  const channel = (data: Float32Array, n: number, c: number) =>
    data.slice((n * 4 + c) * 6, (n * 4 + c + 1) * 6);
  for (const n of [0, 1])
    for (const [to, from] of [0, 2, 1, 3].entries())
      expect(channel(output.data, n, to)).toEqual(channel(x.data, n, from));
});

it("with C/G groups undoes the one with G groups", async () => {
  const sizes = fc.record({
    groups: fc.integer({ min: 1, max: 5 }),
    each: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(sizes, async ({ groups, each }) => {
      const channels = groups * each;
      const x = new Rng(2).normal([1, channels, 2, 2]);
      const layers = [new ChannelShuffle(channels, groups), new ChannelShuffle(channels, each)];
      expect((await runNetwork(new Sequential(layers), x)).data).toEqual(x.data);
    }),
    { numRuns: 25 },
  );
});

it("refuses groups that do not divide the channels", () => {
  expect(() => new ChannelShuffle(10, 4)).toThrow(ShapeError);
  expect(() => new ChannelShuffle(10, 4)).toThrow("ChannelShuffle: groups=4 must divide");
});
