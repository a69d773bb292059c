import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { full, Rng, tensor, zeros } from "../../tensor/index.js";
import { ShapeError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { parameterCount, stateDict } from "../state.js";
import { DeadlyCombo } from "./deadly-combo.js";
import { RescueCombo } from "./rescue-combo.js";

describe("DeadlyCombo", () => {
  it("is a 1x1 convolution in 64 groups, batch norm, global pooling, and nothing else", () => {
    const { graph } = buildModel(new DeadlyCombo(), { inputShape: [2, 64, 32, 32] });
    expect(graph.nodes.map((node) => node.op)).toEqual([
      "Conv",
      "BatchNormalization",
      "GlobalAveragePool",
    ]);
    expect(graph.nodes[0].attributes.get("group")).toEqual({ type: "int", value: 64 });
    expect(parameterCount(new DeadlyCombo())).toBe(128 * 1 + 128 + 2 * 128);
  });

  it("lets no input channel reach an output of another group", async () => {
    const x = zeros([1, 64, 2, 2]);
    const base = await runNetwork(new DeadlyCombo(), x);
    x.data.fill(1, 5 * 4, 6 * 4); // channel 5 alone
    const moved = await runNetwork(new DeadlyCombo(), x);
    const changed = [...moved.data].flatMap((value, c) => (value === base.data[c] ? [] : [c]));
    expect(changed).toEqual([10, 11]);
  });

  it("cannot be built as the seed writes it", () => {
    const build = () => new DeadlyCombo({ groups: 128 });
    expect(build).toThrow(ShapeError);
    expect(build).toThrow("Conv2d: groups=128 must not exceed inChannels=64");
    expect(build).toThrow("nearest valid: 64");
  });
});

describe("RescueCombo", () => {
  it("adds a dense 1x1 convolution to what it reads, before the pooling", async () => {
    const block = new RescueCombo();
    const state = stateDict(block);
    // conv1 gives 4 * 1 = 4 everywhere, the norm leaves it, fusion 128 * 4 / 64 = 8: 4 + 8
    state.get("conv1.weight")!.value = full([128, 4, 1, 1], 1);
    state.get("fusion.weight")!.value = full([128, 128, 1, 1], 1 / 64);
    state.get("bn.running_var")!.value = full([128], 1 - 1e-5);
    const y = await runNetwork(block, full([2, 64, 3, 3], 1));
    expect(y.shape).toEqual([2, 128, 1, 1]);
    for (const value of y.data) expect(value).toBeCloseTo(12, 4);
  });

  it("lets every input channel reach every output", async () => {
    const x = new Rng(1).normal([1, 64, 2, 2]);
    const base = await runNetwork(new RescueCombo(), x);
    const nudged = tensor(
      x.data.map((value, i) => (i === 5 * 4 ? value + 1 : value)),
      x.shape,
    );
    const moved = await runNetwork(new RescueCombo(), nudged);
    expect([...moved.data].every((value, c) => value !== base.data[c])).toBe(true);
  });

  it("has the seed's 16 groups", () => {
    expect(new RescueCombo().conv1.groups).toBe(16);
  });
});
