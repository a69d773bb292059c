import { describe, expect, it } from "vitest";
import { runNetwork } from "../../tests/support/run-model.js";
import {
  BatchNorm2d,
  Conv2d,
  GlobalAvgPool2d,
  MaxPool2d,
  ReLU,
  Sequential,
  TunableGroupConv,
} from "../nn/index.js";
import { blockDiagonal } from "../regroup/index.js";
import { maxDifference, Rng, type Tensor, tensor } from "../tensor/index.js";
import type { Batch } from "./data/index.js";
import { regroupLayers, type WeightCarry } from "./regroup-layers.js";
import { initialState, putState, type State } from "./state.js";

const inputShape = [8, 10, 10];

function network() {
  return new Sequential([
    new TunableGroupConv(8, 12),
    new BatchNorm2d(12),
    new ReLU(),
    new MaxPool2d(2),
    new TunableGroupConv(12, 16),
    new ReLU(),
    new Conv2d(16, 3, 1),
    new GlobalAvgPool2d(),
  ]);
}

const input = new Rng(9).normal([32, ...inputShape], 0.5, 1);
async function* calibration(): AsyncGenerator<Batch> {
  const half = input.data.length / 2;
  const shape = input.shape.with(0, input.shape[0] / 2);
  for (const data of [input.data.subarray(0, half), input.data.subarray(half)])
    yield { input: tensor(data, shape), targets: {} };
}

async function regrouped(
  net: Sequential,
  state: State,
  weights: WeightCarry,
  wanted = new Map([
    ["0", 4],
    ["4", 2],
  ]),
) {
  return regroupLayers(net, state, wanted, { weights, seed: 1, inputShape, calibration });
}

async function outputOf(net: Sequential, state: State): Promise<Tensor<"float32">> {
  putState(net, state, { average: false });
  return runNetwork(net, input);
}

describe("slice", () => {
  it("keeps the diagonal blocks, of the optimizer's memory too", async () => {
    const net = network();
    const state = await initialState(net, [1, ...inputShape], 5);
    const weight = state.get("0.conv.weight")!;
    const momentum = new Rng(2).normal(weight.shape);
    state.set("0.conv.weight#momentum", momentum);
    const [first] = await regrouped(net, state, "slice");
    expect(first).toMatchObject({ layer: "0", from: 1, to: 4, takenOver: null });
    expect(first.energyKept).toBeCloseTo(1 / 4, 1); // of random weights, a share of 1 / G
    expect(state.get("0.conv.weight")).toEqual(blockDiagonal(weight, 4));
    expect(state.get("0.conv.weight#momentum")).toEqual(blockDiagonal(momentum, 4));
    expect((await outputOf(net, state)).shape).toEqual([32, 3, 1, 1]);
  });
});

describe("reset", () => {
  it("draws the convolution anew and forgets what the optimizer knew of it, and nothing else", async () => {
    const net = network();
    const state = await initialState(net, [1, ...inputShape], 5);
    const aux = state.get("0.aux_conv.weight");
    state.set("0.conv.weight#momentum", state.get("0.conv.weight")!);
    state.set("0.aux_conv.weight#momentum", aux!);
    const [first] = await regrouped(net, state, "reset");
    expect(first).toMatchObject({ energyKept: null, takenOver: null });
    expect(state.get("0.conv.weight")!.shape).toEqual([12, 2, 3, 3]);
    expect(state.has("0.conv.weight#momentum")).toBe(false);
    expect(state.get("0.aux_conv.weight")).toBe(aux);
    expect(state.get("0.aux_conv.weight#momentum")).toBe(aux);
  });
});

describe("inherit", () => {
  it("changes nothing where all that goes is the work of a 1x1 convolution", async () => {
    const net = network();
    const state = await initialState(net, [1, ...inputShape], 5);
    const before = await outputOf(net, state);
    // Between groups only the middle of the kernel is not zero: just what the branch can do.
    for (const [name, groups] of [
      ["0.conv.weight", 4],
      ["4.conv.weight", 2],
    ] as const) {
      const { data, shape } = state.get(name)!;
      const [rows, cols] = shape;
      state.set(
        name,
        tensor(
          data.map((value, i) => {
            const [row, col, tap] = [Math.floor(i / (cols * 9)), Math.floor(i / 9) % cols, i % 9];
            const isKept = Math.floor((row * groups) / rows) === Math.floor((col * groups) / cols);
            return isKept ? 4 * value : tap === 4 ? value : 0;
          }),
          shape,
        ),
      );
    }
    const planted = await outputOf(net, state);
    expect(maxDifference(planted.data, before.data)).toBeGreaterThan(0.1);
    const changes = await regrouped(net, state, "inherit");
    for (const { takenOver } of changes) expect(takenOver).toBeGreaterThan(0.9999);
    const after = await outputOf(net, state);
    expect(maxDifference(after.data, planted.data)).toBeLessThan(2e-3);
  });

  it("finds groups that lie hidden in another order of the channels", async () => {
    const net = network();
    const state = await initialState(net, [1, ...inputShape], 5);
    // Channel c of the space between the layers belongs to group c % 2 of the second one.
    const { data, shape } = state.get("4.conv.weight")!;
    const hidden = data.map((value, i) => {
      const [row, col] = [Math.floor(i / (12 * 9)), Math.floor(i / 9) % 12];
      return row % 2 === col % 2 ? value : 0;
    });
    state.set("4.conv.weight", tensor(hidden, shape));
    const before = await outputOf(net, state);
    const [change] = await regrouped(net, state, "inherit", new Map([["4", 2]]));
    expect(change.energyKept).toBeCloseTo(1, 6);
    const after = await outputOf(net, state);
    expect(maxDifference(after.data, before.data)).toBeLessThan(1e-4);
  });

  it("goes from 2 groups to 4 as from dense", async () => {
    const net = network();
    const state = await initialState(net, [1, ...inputShape], 5);
    await regrouped(net, state, "inherit", new Map([["4", 2]]));
    const before = await outputOf(net, state);
    const [change] = await regrouped(net, state, "inherit", new Map([["4", 4]]));
    expect(change).toMatchObject({ from: 2, to: 4 });
    expect(change.energyKept).toBeGreaterThan(0.5); // half of 2 groups, were the order left to chance
    expect(state.get("4.conv.weight")!.shape).toEqual([16, 3, 3, 3]);
    const after = await outputOf(net, state);
    expect(maxDifference(after.data, before.data)).toBeLessThan(
      0.5 * Math.max(...before.data.map(Math.abs)),
    );
  });

  it("keeps more of what a network does than slicing, and slicing more than new weights", async () => {
    const errors = [];
    for (const weights of ["inherit", "slice", "reset"] as const) {
      const net = network();
      const state = await initialState(net, [1, ...inputShape], 5);
      const before = await outputOf(net, state);
      await regrouped(net, state, weights);
      const after = await outputOf(net, state);
      errors.push(Math.hypot(...after.data.map((y, i) => y - before.data[i])));
    }
    expect(errors[0]).toBeLessThan(0.8 * errors[1]);
    expect(errors[1]).toBeLessThan(errors[2]);
  });
});
