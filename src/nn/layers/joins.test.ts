import { describe, expect, it } from "vitest";
import { runModel, runNetwork } from "../../../tests/support/run-model.js";
import type { Value } from "../../graph/index.js";
import { maxDifference, tensor } from "../../tensor/index.js";
import { buildModel } from "../build-model.js";
import { Module, type ModuleBuilder } from "../module.js";
import { Add } from "./add.js";
import { Concat } from "./concat.js";
import { Conv2d } from "./conv2d.js";
import { Flatten } from "./flatten.js";
import { ReLU } from "./relu.js";
import { Residual } from "./residual.js";
import { Sequential } from "./sequential.js";

const x = tensor([-1, 2], [1, 2, 1, 1]);

/** Joins relu(x) and x. */
class Joined extends Module {
  readonly relu = new ReLU();
  constructor(readonly join: Add | Concat) {
    super();
  }
  forward(g: ModuleBuilder, input: Value): Value {
    return g.call(this.join, g.call(this.relu, input), input);
  }
}

it("Add sums", async () => {
  expect([...(await runNetwork(new Joined(new Add()), x)).data]).toEqual([0 - 1, 2 + 2]);
});

it("Concat sets side by side, along the channels or another axis", async () => {
  const channels = await runNetwork(new Joined(new Concat()), x);
  expect(channels.shape).toEqual([1, 4, 1, 1]);
  expect([...channels.data]).toEqual([0, 2, -1, 2]);
  const columns = await runNetwork(new Joined(new Concat(-1)), x);
  expect(columns.shape).toEqual([1, 2, 1, 2]);
  expect([...columns.data]).toEqual([0, -1, 2, 2]);
  expect(() => new Concat(1.5)).toThrow("Concat: dim=1.5 must be a whole number");
});

describe("Residual", () => {
  it("adds its input", async () => {
    expect([...(await runNetwork(new Residual(new ReLU()), x)).data]).toEqual([0 - 1, 2 + 2]);
  });

  it("adds its shortcut", async () => {
    const shortcut = new Conv2d(2, 2, 1, { bias: false });
    shortcut.weight.value = tensor([0, 1, 10, 0], [2, 2, 1, 1]); // swaps, ten times
    const y = await runNetwork(new Residual(new ReLU(), shortcut), x);
    expect([...y.data]).toEqual([0 + 2, 2 - 10]);
  });
});

describe("Sequential", () => {
  const negate = () => {
    const conv = new Conv2d(2, 2, 1, { groups: 2, bias: false });
    conv.weight.value = tensor([-1, -1], [2, 1, 1, 1]);
    return conv;
  };

  it("runs in order and numbers its modules", async () => {
    const network = new Sequential([negate(), new ReLU(), negate()]);
    const model = buildModel(network, { inputShape: x.shape });
    expect(model.graph.initializers.map((value) => value.name)).toEqual(["0.weight", "2.weight"]);
    // negate, cut, negate: min(x, 0)
    expect(maxDifference((await runModel(model, x)).output.data, [-1, 0])).toBe(0);
  });

  it("takes names instead", () => {
    const network = new Sequential({ first: negate(), "block1-0": new Sequential([negate()]) });
    const { graph } = buildModel(network, { inputShape: x.shape });
    const names = graph.initializers.map((value) => value.name);
    expect(names).toEqual(["first.weight", "block1-0.0.weight"]);
  });

  it("of nothing gives its input", async () => {
    expect((await runNetwork(new Sequential([]), x)).data).toEqual(x.data);
  });
});

it("Flatten keeps the first axis, even an open one", async () => {
  const model = buildModel(new Flatten(), { inputShape: ["N", 2, 2, 1] });
  const { output } = await runModel(model, tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1]));
  expect(output.shape).toEqual([2, 4]);
  expect([...output.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
