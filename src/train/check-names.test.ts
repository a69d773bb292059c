import { describe, expect, it } from "vitest";
import { bars } from "../../tests/support/bars.js";
import type { Value } from "../graph/index.js";
import {
  Conv2d,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  Module,
  type ModuleBuilder,
  type Network,
  Sequential,
  stateDict,
} from "../nn/index.js";
import { tensor, zeros } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";
import {
  accuracy,
  crossEntropy,
  type Dataset,
  evaluate,
  type FitOptions,
  type FitResult,
  fit,
  tensorDataset,
} from "./index.js";

const options: FitOptions = { loss: crossEntropy(), metrics: [accuracy()], epochs: 1 };
const data = bars(64, 1);

const train = (more: Partial<FitOptions>, from: Dataset, network: Network) =>
  fit(network, from, { ...options, ...more });

/** Two linear layers side by side, their outputs named at will. */
class Twin extends Module<Readonly<Record<string, Value>>> {
  readonly pool = new Sequential([new GlobalAvgPool2d(), new Flatten()]);
  readonly first = new Linear(1, 2);
  readonly second = new Linear(1, 2);

  constructor(
    readonly names: readonly [string, string] = ["a", "b"],
    readonly turned = false,
  ) {
    super();
  }

  forward(g: ModuleBuilder, x: Value) {
    const pooled = g.call(this.pool, x);
    const [a, b] = [g.call(this.first, pooled), g.call(this.second, pooled)];
    return { [this.names[0]]: a, [this.names[1]]: this.turned ? g.transpose(b, [1, 0]) : b };
  }
}

const twoTargets = tensorDataset(zeros([64, 1, 8, 8]), {
  a: tensor(new BigInt64Array(64), [64]),
  b: tensor(new BigInt64Array(64), [64]),
});

const odd = tensorDataset(zeros([64, 1, 8, 8]), {
  loss: tensor(new BigInt64Array(64), [64]),
  gradient_norm: tensor(new BigInt64Array(64), [64]),
});

describe("names", () => {
  it.each(["first.weight.next", "x:y", "x#y"])(
    "of outputs that training takes: %s",
    async (name) => {
      const more = { loss: { a: crossEntropy() }, metrics: [] };
      const message = `fit: the network's output "${name}" must have another name`;
      await expect(train(more, twoTargets, new Twin(["a", name]))).rejects.toThrow(message);
      const net = new Twin(["a", name]);
      await expect(evaluate(net, twoTargets, more)).rejects.toThrow(message);
    },
  );

  it("of parameters with a # or a :", async () => {
    for (const name of ["a#b", "a:b"]) {
      const net = new Sequential({
        [name]: new Conv2d(1, 2, 1),
        pool: new GlobalAvgPool2d(),
        flat: new Flatten(),
      });
      const message = `fit: the network's parameter "${name}.weight" must have another name`;
      await expect(train({}, data, net)).rejects.toThrow(message);
    }
  });

  it("of layers and outputs may be those of the step's own outputs", async () => {
    const net = new Sequential({
      gradient_norm: new Conv2d(1, 2, 1),
      loss: new GlobalAvgPool2d(),
      flat: new Flatten(),
    });
    const clipped = { clipNorm: 1, validation: data };
    const plain = new Sequential([new Conv2d(1, 2, 1), new GlobalAvgPool2d(), new Flatten()]);
    for (const [i, param] of [...stateDict(plain).values()].entries())
      for (const each of [param, [...stateDict(net).values()][i]])
        each.value = tensor(new Float32Array(2).fill(i + 0.5), param.shape);
    const withoutTime = ({ history }: FitResult) =>
      history.map(({ durationMs, ...record }) => record);
    expect(withoutTime(await train(clipped, data, net))).toEqual(
      withoutTime(await train(clipped, data, plain)),
    );

    const { history } = await fit(new Twin(["loss", "gradient_norm"]), odd, {
      epochs: 1,
      loss: { loss: crossEntropy(), gradient_norm: crossEntropy() },
      clipNorm: 1,
      validation: odd,
    });
    expect(history[0].validation!.loss).toBeGreaterThan(0);
  });

  it("of metrics are the same in training and validation, whatever has a loss", async () => {
    const { history } = await fit(new Twin(), twoTargets, {
      epochs: 1,
      loss: { a: crossEntropy() },
      metrics: { a: [accuracy()] },
      validation: twoTargets,
      earlyStopping: { monitor: "a.accuracy" },
    });
    expect(Object.keys(history[0].train.metrics)).toEqual(["a.accuracy"]);
    expect(Object.keys(history[0].validation!.metrics)).toEqual(["a.accuracy"]);
  });
});

it("outputs whose first axis is not the batch", async () => {
  const more = { loss: { a: crossEntropy() }, metrics: [] };
  const message =
    'fit: the network\'s output "b" [2,32] must have the batch of 32 as its first axis';
  await expect(train(more, twoTargets, new Twin(["a", "b"], true))).rejects.toThrow(message);
  await expect(evaluate(new Twin(["a", "b"], true), twoTargets, more)).rejects.toThrow(ShapeError);
});
