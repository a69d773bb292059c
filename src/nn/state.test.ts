import { describe, expect, it } from "vitest";
import type { Value } from "../graph/index.js";
import { type LazyTensor, tensor, zeros } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { constant } from "./init.js";
import { BatchNorm2d } from "./layers/batch-norm2d.js";
import { Conv2d } from "./layers/conv2d.js";
import { Linear } from "./layers/linear.js";
import { ReLU } from "./layers/relu.js";
import { Sequential } from "./layers/sequential.js";
import { Module, type ModuleBuilder } from "./module.js";
import { Param } from "./param.js";
import {
  loadStateDict,
  namedModules,
  namedParameters,
  parameterCount,
  stateDict,
} from "./state.js";

class Net extends Module {
  readonly conv1 = new Conv2d(3, 4, 3, { groups: 1, bias: false });
  readonly bn1 = new BatchNorm2d(4);
  readonly layer1 = new Sequential([
    new Sequential([new Conv2d(4, 4, 1, { groups: 2 })]),
    new ReLU(),
  ]);
  readonly sideHeads = [new Linear(4, 2), new Linear(4, 3, { bias: false })];
  readonly scale = new Param([1], constant(1));
  readonly depth = 3;
  readonly nothing = null;
  readonly again = this.conv1;

  forward(_: ModuleBuilder, x: Value): Value {
    return x;
  }
}

// conv1 4*3*3*3 = 108, bn1 4 + 4, layer1.0.0 4*2 + 4, heads 2*4 + 2 and 3*4, scale 1
const COUNT = 108 + 8 + 12 + 10 + 12 + 1;

describe("names", () => {
  it("are PyTorch's: paths of fields and numbers, in their order, shared ones once", () => {
    expect([...stateDict(new Net()).keys()]).toEqual([
      "conv1.weight",
      "bn1.weight",
      "bn1.bias",
      "bn1.running_mean",
      "bn1.running_var",
      "layer1.0.0.weight",
      "layer1.0.0.bias",
      "side_heads.0.weight",
      "side_heads.0.bias",
      "side_heads.1.weight",
      "scale",
    ]);
  });

  it("of modules begin with the network itself", () => {
    const net = new Net();
    const modules = namedModules(net);
    expect([...modules.keys()]).toEqual([
      "",
      "conv1",
      "bn1",
      "layer1",
      "layer1.0",
      "layer1.0.0",
      "layer1.1",
      "side_heads.0",
      "side_heads.1",
    ]);
    expect(modules.get("bn1")).toBe(net.bn1);
  });

  it("of parameters leave the running statistics out, and so does their count", () => {
    const net = new Net();
    const names = [...namedParameters(net).keys()];
    expect(names.filter((name) => name.startsWith("bn1"))).toEqual(["bn1.weight", "bn1.bias"]);
    expect(names).toHaveLength(9);
    expect(parameterCount(net)).toBe(COUNT);
  });
});

describe("loadStateDict", () => {
  const tensors = () =>
    new Map<string, LazyTensor>(
      [...stateDict(new Net())].map(([name, { shape }]) => [name, zeros(shape)]),
    );

  it("puts every tensor in its place and passes PyTorch's counters over", () => {
    const net = new Net();
    const given = tensors();
    loadStateDict(net, new Map([...given, ["bn1.num_batches_tracked", zeros([], "int64")]]));
    for (const [name, param] of stateDict(net)) expect(param.value).toBe(given.get(name));
  });

  it.each([
    ["an unknown name", "conv1.wight", zeros([1]), 'the network has no "conv1.wight"'],
    ["a name that tries to write on the terminal", "\u001b[2J", zeros([1]), "\\u{1b}"],
    ["another shape", "scale", zeros([2]), "scale: value=float32 [2] must be float32 [1]"],
  ])("refuses %s and changes nothing", (_, name, value, message) => {
    const net = new Net();
    net.bn1.bias.value = tensor([1, 2, 3, 4], [4]);
    const before = [...stateDict(net).values()].map((param) => param.value);
    expect(() => loadStateDict(net, tensors().set(name, value))).toThrow(message);
    expect([...stateDict(net).values()].map((param) => param.value)).toEqual(before);
  });

  it("says which class of mistake it was, and the way out", () => {
    const misspelt = tensors().set("conv1.wight", zeros([1]));
    const error = (() => {
      try {
        loadStateDict(new Net(), misspelt);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).help).toBe('Did you mean "conv1.weight"?');
    expect(() => loadStateDict(new Net(), tensors().set("scale", zeros([2])))).toThrow(ShapeError);
  });

  it("refuses to leave a tensor out", () => {
    const given = tensors();
    given.delete("bn1.running_var");
    expect(() => loadStateDict(new Net(), given)).toThrow('"bn1.running_var" is missing');
  });
});
