import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BatchNorm2d, Conv2d, Flatten, Linear, ReLU, Sequential } from "../nn/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { Session } from "../runtime/index.js";
import { Rng, tensor } from "../tensor/index.js";
import {
  adamw,
  bce,
  cosineLr,
  crossEntropy,
  type Loss,
  l1,
  mse,
  type Optimizer,
  oneCycleLr,
  type Schedule,
  type State,
  Stepper,
  sgd,
  stepLr,
} from "./index.js";

/** Losses, schedules and whole runs against PyTorch; fixtures/make_torch.py writes the numbers. */

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Run {
  readonly options: { readonly clipNorm?: number; readonly accumulate?: number };
  readonly losses: readonly number[];
  readonly parameters: Readonly<Record<string, Numbers>>;
}

interface Fixture {
  readonly losses: readonly {
    readonly loss: string;
    readonly options: { readonly labelSmoothing?: number };
    readonly prediction: Numbers;
    readonly target: Numbers;
    readonly value: number;
  }[];
  readonly schedules: Readonly<Record<"cosine" | "oneCycle" | "step", readonly number[]>>;
  readonly runs: {
    readonly inputs: Numbers;
    readonly labels: Numbers;
    readonly initial: Readonly<Record<string, Numbers>>;
    readonly results: Readonly<Record<string, Run>>;
  };
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL("fixtures/torch.json", import.meta.url), "utf8"),
);

const losses: Readonly<Record<string, (options: { labelSmoothing?: number }) => Loss>> = {
  crossEntropy,
  bce,
  mse,
  l1,
};

describe("losses", () => {
  it.each(fixture.losses)("$loss $options of $prediction.shape", async (given) => {
    const loss = losses[given.loss](given.options);
    const { shape } = given.prediction;
    const { dtype, shape: targetShape } = loss.target(shape);
    const model = newModel("loss");
    const g = new GraphBuilder(model.graph);
    const inputs = [g.input("x", shape), g.input("t", targetShape, dtype)] as const;
    g.output(loss.write(g, ...inputs, shape), "loss");
    const session = await Session.create(model);
    const results = await session.run({
      x: tensor(given.prediction.data, shape, "float32"),
      t: tensor(
        dtype === "int64" ? given.target.data.map(BigInt) : given.target.data,
        given.target.shape,
        dtype,
      ),
    });
    await session.release();
    expect(results.loss.shape).toEqual([]);
    expect(Number(results.loss.data[0])).toBeCloseTo(given.value, 5);
  });
});

describe("schedules", () => {
  const schedules: Record<string, Schedule> = {
    cosine: cosineLr(),
    oneCycle: oneCycleLr(),
    step: stepLr({ every: 5, factor: 0.1 }),
  };
  it.each(Object.keys(schedules))("%s", (name) => {
    const expected = fixture.schedules[name as keyof Fixture["schedules"]];
    const rates = expected.map((_, step) =>
      schedules[name]({ step, totalSteps: expected.length, stepsPerEpoch: 1 }),
    );
    for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[i], 6);
  });
});

describe("runs", () => {
  const optimizers: Readonly<Record<string, Optimizer>> = {
    sgd: sgd({ lr: 0.1, momentum: 0 }),
    nesterov: sgd({ lr: 0.05, nesterov: true, weightDecay: 0.01 }),
    adamw: adamw({ lr: 0.01, weightDecay: 0.1 }),
    clipped: sgd({ lr: 0.1 }),
    accumulated: sgd({ lr: 0.1 }),
  };
  const { inputs, labels, initial, results } = fixture.runs;
  const [count, size] = labels.shape;
  const inputSize = inputs.data.length / count;
  const batches = Array.from({ length: count }, (_, i) => ({
    input: tensor(
      inputs.data.slice(i * inputSize, (i + 1) * inputSize),
      inputs.shape.slice(1),
      "float32",
    ),
    targets: {
      output: tensor(labels.data.slice(i * size, (i + 1) * size).map(BigInt), [size], "int64"),
    },
  }));

  it.each(Object.entries(results))("%s", async (name, { options, losses, parameters }) => {
    const optimizer = optimizers[name];
    const net = new Sequential([
      new Conv2d(2, 4, 3, { padding: 1, groups: 2, bias: false }),
      new BatchNorm2d(4),
      new ReLU(),
      new Conv2d(4, 4, 3, { stride: 2, groups: 4 }),
      new Flatten(),
      new Linear(16, 3),
    ]);
    const state: State = new Map(
      Object.entries(initial).map(([key, { shape, data }]) => [
        key,
        tensor(data, shape, "float32"),
      ]),
    );
    const stepper = await Stepper.create(net, state, {
      inputShape: [8, 2, 6, 6],
      loss: crossEntropy(),
      optimizer,
      ...options,
    });
    const { accumulate = 1 } = options;
    for (let step = 1; step <= count / accumulate; step++) {
      const own = batches.slice((step - 1) * accumulate, step * accumulate);
      const outcome = await stepper.run(state, own, { step, lr: optimizer.lr, rng: new Rng(0) });
      const [from, to] = [(step - 1) * accumulate, step * accumulate];
      const mean = losses.slice(from, to).reduce((sum, loss) => sum + loss, 0) / accumulate;
      expect(outcome.loss).toBeCloseTo(mean, 4);
    }
    await stepper.release();
    for (const [key, { data }] of Object.entries(parameters)) {
      const own = state.get(key)!.data;
      for (const [i, expected] of data.entries())
        expect(Math.abs(own[i] - expected), `${key}[${i}]`).toBeLessThan(2e-5);
    }
  });
});
