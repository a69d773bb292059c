import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { Rng, tensor } from "../../tensor/index.js";
import { parameterCount, stateDict } from "../state.js";
import { SmartGroupConv } from "./smart-group-conv.js";

describe("groups", () => {
  // the seed's own three: 64 -> 64, 128 -> 256, 512 -> 512 all come to 16
  it.each([
    [64, 64, 16],
    [128, 256, 16],
    [512, 512, 16],
    [16, 32, 4], // a quarter of 16
    [24, 36, 4], // 8 does not divide 36
    [3, 64, 1],
  ])("%d -> %d channels: %d", (inChannels, outChannels, groups) => {
    const block = new SmartGroupConv(inChannels, outChannels);
    expect(block.groups).toBe(groups);
    expect(block.conv.groups).toBe(groups);
  });

  it("are one under expansionGuard when the output has twice the channels", () => {
    expect(new SmartGroupConv(128, 256, { expansionGuard: true }).groups).toBe(1);
    expect(new SmartGroupConv(128, 255, { expansionGuard: true }).groups).toBe(1); // odd
    expect(new SmartGroupConv(128, 192, { expansionGuard: true }).groups).toBe(16);
  });
});

it("squeezes by as much as it groups, under the seed's names", () => {
  const shapes = [...stateDict(new SmartGroupConv())].map(([name, { shape }]) => [name, ...shape]);
  expect(shapes).toEqual([
    ["conv.weight", 128, 64 / 16, 3, 3],
    ["conv.bias", 128],
    ["attention.1.weight", 128 / 16, 128, 1, 1],
    ["attention.1.bias", 8],
    ["attention.3.weight", 128, 8, 1, 1],
    ["attention.3.bias", 128],
  ]);
  // 128*4*9 + 128 + 8*128 + 8 + 128*8 + 128
  expect(parameterCount(new SmartGroupConv())).toBe(6920);
});

it("multiplies each channel by its gain", async () => {
  const block = new SmartGroupConv(2, 2); // groups 1
  const [conv, , squeeze, , excite, bias] = stateDict(block).values();
  conv.value = tensor(
    [1, 0].flatMap((a) => [a, 1 - a]).flatMap((w) => [0, 0, 0, 0, w, 0, 0, 0, 0]),
    conv.shape,
  );
  squeeze.value = tensor([1, 0, 0, 1], squeeze.shape);
  excite.value = tensor([0, 1, 0, 0], excite.shape);
  bias.value = tensor([0, Math.log(3)], bias.shape);
  const x = tensor([1, 3, -5, 7], [1, 2, 1, 2]); // means 2 and 1
  const y = await runNetwork(block, x);
  const gain = 1 / (1 + Math.exp(-1)); // of channel 0: sigmoid(relu(mean of channel 1))
  const expected = [1 * gain, 3 * gain, -5 * 0.75, 7 * 0.75]; // of channel 1: sigmoid(log 3)
  for (const [i, value] of expected.entries()) expect(y.data[i]).toBeCloseTo(value, 5);
});

it("keeps the size", async () => {
  const y = await runNetwork(new SmartGroupConv(8, 16), new Rng(1).normal([2, 8, 5, 7]));
  expect(y.shape).toEqual([2, 16, 5, 7]);
});
