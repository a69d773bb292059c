import { describe, expect, it } from "vitest";
import { runModel } from "../../tests/support/run-model.js";
import type { Value } from "../graph/index.js";
import { Rng, readFloat32, tensor } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { buildModel } from "./build-model.js";
import { uniform } from "./init.js";
import { BatchNorm2d } from "./layers/batch-norm2d.js";
import { Conv2d } from "./layers/conv2d.js";
import { Flatten } from "./layers/flatten.js";
import { Linear } from "./layers/linear.js";
import { ReLU } from "./layers/relu.js";
import { Sequential } from "./layers/sequential.js";
import { Module, type ModuleBuilder } from "./module.js";
import { Param } from "./param.js";

/** A residual block whose ReLU serves twice. */
class Block extends Module {
  readonly conv = new Conv2d(4, 4, 3, { padding: 1, groups: 2 });
  readonly bn = new BatchNorm2d(4);
  readonly relu = new ReLU();

  forward(g: ModuleBuilder, x: Value): Value {
    const y = g.pipe(x, this.conv, this.relu, this.bn);
    return g.call(this.relu, g.op("Add", [x, y]));
  }
}

const classifier = () =>
  new Sequential({ body: new Sequential([new Block(), new Block()]), end: new Flatten() });

describe("the model", () => {
  it("has the state_dict's names on its initializers and the modules' on its nodes", () => {
    const { graph } = buildModel(classifier(), { inputShape: ["N", 4, 2, 2], name: "tiny" });
    expect(graph.name).toBe("tiny");
    expect(
      graph.initializers.map((value) => value.name).filter((name) => name.startsWith("body.1")),
    ).toEqual([
      "body.1.conv.weight",
      "body.1.conv.bias",
      "body.1.bn.weight",
      "body.1.bn.bias",
      "body.1.bn.running_mean",
      "body.1.bn.running_var",
    ]);
    expect(graph.nodes.map((node) => node.name)).toEqual([
      ...["body.0.conv", "body.0.relu", "body.0.bn", "body.0", "body.0.relu.Relu"],
      ...["body.1.conv", "body.1.relu", "body.1.bn", "body.1", "body.1.relu.Relu"],
      "end",
    ]);
  });

  it("takes any batch when the batch has a name", async () => {
    const model = buildModel(classifier(), { inputShape: ["N", 4, 2, 2] });
    expect(model.graph.inputs.map(({ name, type }) => ({ name, type }))).toEqual([
      { name: "input", type: { kind: "tensor", dtype: "float32", shape: ["N", 4, 2, 2] } },
    ]);
    for (const batch of [1, 3]) {
      const { output } = await runModel(model, new Rng(1).normal([batch, 4, 2, 2]));
      expect(output.shape).toEqual([batch, 16]);
    }
  });

  it("in training takes every parameter and buffer as an input with a default", () => {
    const { graph } = buildModel(new Block(), { inputShape: ["N", 4, 2, 2], mode: "training" });
    expect(graph.freeInputs.map((value) => value.name)).toEqual(["input"]);
    expect(new Set(graph.inputs.slice(1))).toEqual(new Set(graph.initializers));
    expect(graph.outputs.map((value) => value.name)).toEqual([
      "output",
      "bn.running_mean.next",
      "bn.running_var.next",
    ]);
  });

  it("says how many axes its output has", () => {
    const rankOf = (network: Module) => {
      const type = buildModel(network, { inputShape: ["N", 4, 2, 2] }).graph.outputs[0].type;
      return type?.kind === "tensor" ? type.shape?.length : "no tensor";
    };
    expect(rankOf(new Block())).toBe(4);
    expect(rankOf(new Sequential([new Flatten(), new Linear(16, 3), new ReLU()]))).toBe(2);
    expect(rankOf(new Scaled())).toBe(4);
  });
});

/** A number of no axes times the input; the number is the parameter. */
class Scaled extends Module {
  readonly factor = new Param([], uniform(1));
  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("Mul", [g.param(this.factor), x]);
  }
}

describe("first values", () => {
  const weights = async (network: Module, seed?: number) => {
    const { graph } = buildModel(network, { inputShape: ["N", 4, 2, 2], seed });
    const entries = graph.initializers
      .filter((value) => value.name.endsWith("conv.weight"))
      .map(async (value) => [value.name, await readFloat32(value.initializer!)] as const);
    return new Map(await Promise.all(entries));
  };

  it("follow from the seed, 0 by default, and the name alone", async () => {
    const drawn = await weights(classifier());
    expect(drawn).toEqual(await weights(classifier(), 0));
    expect(drawn).not.toEqual(await weights(classifier(), 1));
    expect(drawn.get("body.0.conv.weight")).not.toEqual(drawn.get("body.1.conv.weight"));
    const longer = new Sequential({
      body: new Sequential([new Block(), new Block(), new Block()]),
    });
    const more = await weights(longer);
    for (const [name, values] of drawn) expect(more.get(name)).toEqual(values);
  });

  it("yield to a value that was set", async () => {
    const network = new Scaled();
    network.factor.value = tensor([10], []);
    const model = buildModel(network, { inputShape: [1, 2] });
    expect([...(await runModel(model, tensor([1, 2], [1, 2]))).output.data]).toEqual([10, 20]);
  });

  it("are drawn only when they are read", () => {
    let drawn = 0;
    class Lazy extends Module {
      readonly weight = new Param([1], (rng, shape) => {
        drawn++;
        return rng.uniform(shape);
      });
      forward(g: ModuleBuilder, x: Value): Value {
        return g.op("Mul", [x, g.param(this.weight)]);
      }
    }
    const { graph } = buildModel(new Lazy(), { inputShape: [1] });
    expect(drawn).toBe(0);
    graph.find("weight")!.initializer!.load();
    expect(drawn).toBe(1);
  });
});

describe("outputs", () => {
  class Two extends Module<Record<string, Value>> {
    readonly conv = new Conv2d(1, 1, 1, { bias: false });
    forward(g: ModuleBuilder, x: Value): Record<string, Value> {
      const y = g.call(this.conv, x);
      return { conv: y, same: y, input_again: x };
    }
  }

  it("can be several, by name, and one value can be two of them", async () => {
    const network = new Two();
    network.conv.weight.value = tensor([3], [1, 1, 1, 1]);
    const model = buildModel(network, { inputShape: [1, 1, 1, 1] });
    const results = await runModel(model, tensor([2], [1, 1, 1, 1]));
    const numbers = Object.entries(results).map(([name, { data }]) => [name, ...data]);
    expect(numbers).toEqual([
      ["conv", 6],
      ["same", 6],
      ["input_again", 2],
    ]);
  });

  it("take their name from a value in the middle that has it", async () => {
    const network = new Sequential({ output: new ReLU(), tail: new Conv2d(1, 1, 1) });
    const model = buildModel(network, { inputShape: [1, 1, 2, 2] });
    expect(model.graph.outputs[0].producer?.name).toBe("tail");
    expect((await runModel(model, new Rng(0).normal([1, 1, 2, 2]))).output.shape).toEqual([
      1, 1, 2, 2,
    ]);
  });
});

describe("a module nobody owns", () => {
  it.each([
    [
      "made while writing",
      () =>
        new (class extends Module {
          forward(g: ModuleBuilder, x: Value): Value {
            return g.call(new ReLU(), x);
          }
        })(),
    ],
    [
      "kept where nobody looks",
      () =>
        new (class extends Module {
          readonly #hidden = new ReLU();
          forward(g: ModuleBuilder, x: Value): Value {
            return g.call(this.#hidden, x);
          }
        })(),
    ],
  ])("is refused: %s", (_, make) => {
    const build = () => buildModel(make(), { inputShape: [1] });
    expect(build).toThrow(UsageError);
    expect(build).toThrow("ReLU: no module of this network owns it");
  });
});

it("a module far away is named by its full path", () => {
  class Owner extends Module {
    readonly tools = new Sequential([new ReLU()]);
    readonly user = new User(this.tools);
    forward(g: ModuleBuilder, x: Value): Value {
      return g.call(this.user, x);
    }
  }
  class User extends Module {
    readonly #tools: Module;
    constructor(tools: Module) {
      super();
      this.#tools = tools;
    }
    forward(g: ModuleBuilder, x: Value): Value {
      return g.call(this.#tools, x);
    }
  }
  const { graph } = buildModel(new Owner(), { inputShape: [1] });
  expect(graph.nodes.map((node) => node.name)).toEqual(["user.tools.0"]);
});
