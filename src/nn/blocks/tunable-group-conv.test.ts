import { expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { full } from "../../tensor/index.js";
import { ShapeError } from "../../util/errors.js";
import { stateDict } from "../state.js";
import { TunableGroupConv } from "./tunable-group-conv.js";

it("is conv(x) + 0.3 * auxConv(x)", async () => {
  const block = new TunableGroupConv(4, 4, { groups: 2 });
  block.conv.weight.value = full(block.conv.weight.shape, 1);
  block.auxConv.weight.value = full(block.auxConv.weight.shape, 10);
  const y = await runNetwork(block, full([1, 4, 1, 1], 1));
  // a 3x3 window in a picture of one pixel: 2 channels of its group; the dense branch: 4 channels
  for (const value of y.data) expect(value).toBeCloseTo(2 * 1 + 0.3 * 4 * 10, 5);
});

it("takes another scale", async () => {
  const block = new TunableGroupConv(2, 2, { auxScale: 0 });
  block.conv.weight.value = full(block.conv.weight.shape, 1);
  const y = await runNetwork(block, full([1, 2, 1, 1], 1));
  expect([...y.data]).toEqual([2, 2]);
});

it("setGroups changes the 3x3 convolution alone", () => {
  const block = new TunableGroupConv(16, 32, { auxScale: 0.5 });
  const shapes = () => [...stateDict(block)].map(([name, { shape }]) => [name, ...shape]);
  const others = [
    ["conv.bias", 32],
    ["aux_conv.weight", 32, 16, 1, 1],
    ["aux_conv.bias", 32],
  ];
  expect(block.groups).toBe(1);
  expect(shapes()).toEqual([["conv.weight", 32, 16, 3, 3], ...others]);
  const aux = block.auxConv;
  block.setGroups(8);
  expect(block.groups).toBe(8);
  expect(shapes()).toEqual([["conv.weight", 32, 2, 3, 3], ...others]);
  expect(block.auxConv).toBe(aux);
});

it("refuses groups that do not divide the channels, and stays as it was", () => {
  const block = new TunableGroupConv(16, 32);
  expect(() => block.setGroups(3)).toThrow(ShapeError);
  expect(block.groups).toBe(1);
});

it("refuses a scale that is no number", () => {
  const auxScale = Number.NaN;
  expect(() => new TunableGroupConv(2, 2, { auxScale })).toThrow(
    "TunableGroupConv: auxScale=NaN must be a finite number",
  );
});
