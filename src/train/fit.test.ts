import { describe, expect, it } from "vitest";
import { barNet, bars } from "../../tests/support/bars.js";
import { runNetwork } from "../../tests/support/run-model.js";
import { groupWarmup } from "../groups/index.js";
import {
  Conv2d,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  type Network,
  Sequential,
  stateDict,
  TunableGroupConv,
} from "../nn/index.js";
import { type LazyTensor, readFloat32, tensor, zeros } from "../tensor/index.js";
import { DivergenceError, FormatError, ShapeError, UsageError } from "../util/errors.js";
import {
  accuracy,
  adamw,
  type CheckpointOptions,
  crossEntropy,
  type Dataset,
  decodeCheckpoint,
  evaluate,
  type FitEvent,
  type FitOptions,
  fit,
  mse,
  randomFlip,
  sgd,
  tensorDataset,
} from "./index.js";

const options: FitOptions = {
  loss: crossEntropy(),
  metrics: [accuracy()],
  optimizer: adamw({ lr: 0.01 }),
  epochs: 2,
};

async function valuesOf(network: Network): Promise<Record<string, Float32Array>> {
  const entries = [...stateDict(network)].map(
    async ([name, { value }]) => [name, await readFloat32(value as LazyTensor)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

function keepIn(saved: Uint8Array[]): CheckpointOptions {
  return {
    save: async (bytes) => {
      saved.push(bytes);
    },
  };
}

it("learns to tell lying bars from standing ones it has not seen", async () => {
  const net = barNet();
  const test = bars(300, 2);
  const { history, reason, step, epoch } = await fit(net, bars(512, 1), {
    ...options,
    epochs: 6,
    validation: test,
    clipNorm: 5,
    averageDecay: 0.9,
  });
  expect({ reason, step, epoch }).toEqual({ reason: "finished", step: 96, epoch: 5 });
  expect(history.length).toBe(6);
  const { validation } = history[5];
  expect(validation!.metrics.accuracy).toBeGreaterThan(0.95);

  // The network has what was validated: the averages.
  expect(await evaluate(net, test, options)).toEqual(validation);
  const { input, targets } = await test.batch(Array.from({ length: 300 }, (_, i) => i));
  const { data } = await runNetwork(net, input);
  const right = [...(targets.output.data as BigInt64Array)].filter(
    (label, i) => data[2 * i + Number(label)] > data[2 * i + 1 - Number(label)],
  );
  expect(right.length / 300).toBeCloseTo(validation!.metrics.accuracy, 6);
});

it("gives the same bits for the same seed, others for another", async () => {
  const train = async (seed: number) => {
    const net = barNet();
    await fit(net, bars(128, 1), { ...options, seed });
    return valuesOf(net);
  };
  const first = await train(3);
  expect(await train(3)).toEqual(first);
  expect(await train(4)).not.toEqual(first);
});

it("keeps running statistics of every batch, whether it makes a step or only adds to one", async () => {
  const statistics = async (accumulate: number) => {
    const net = barNet();
    await fit(net, bars(64, 1), {
      ...options,
      optimizer: sgd({ lr: 0 }),
      epochs: 1,
      batchSize: 16,
      accumulate,
    });
    const { "1.running_mean": mean, "1.running_var": variance } = await valuesOf(net);
    return { mean, variance };
  };
  const single = await statistics(1);
  expect(single.mean.some((value) => value !== 0)).toBe(true);
  expect(await statistics(2)).toEqual(single);
});

describe("a training that stopped", () => {
  const settings: FitOptions = {
    ...options,
    epochs: 3,
    averageDecay: 0.9,
    accumulate: 2,
    augment: randomFlip(),
    validation: bars(40, 2),
    earlyStopping: { patience: 3 },
    batchSize: 16,
  };

  it.each([1, 4, 7])("after step %i goes on bit for bit", async (lastStep) => {
    const whole = barNet();
    const data = bars(128, 1);
    const straight = await fit(whole, data, settings);

    const controller = new AbortController();
    const saved: Uint8Array[] = [];
    const stopped = await fit(barNet(), data, {
      ...settings,
      signal: controller.signal,
      checkpoints: keepIn(saved),
      onEvent: (event) => {
        if (event.type === "step" && event.step === lastStep) controller.abort();
      },
    });
    expect(stopped).toMatchObject({ reason: "aborted", step: lastStep });

    const net = barNet();
    const resumed = await fit(net, data, { ...settings, resume: saved.at(-1) });
    const withoutTime = ({ history }: typeof straight) =>
      history.map(({ durationMs, ...record }) => record);
    expect(withoutTime(resumed)).toEqual(withoutTime(straight));
    expect(await valuesOf(net)).toEqual(await valuesOf(whole));
  });

  it("is not gone on with by another network, seed or file", async () => {
    const saved: Uint8Array[] = [];
    const checkpoints = keepIn(saved);
    await fit(barNet(), bars(64, 1), { ...options, checkpoints });
    const other = new Sequential([new GlobalAvgPool2d(), new Flatten(), new Linear(1, 2)]);
    await expect(fit(other, bars(64, 1), { ...options, resume: saved.at(-1) })).rejects.toThrow(
      'fit: the checkpoint has no value for "2.weight" [2,1]; it is of another network',
    );
    await expect(
      fit(barNet(), bars(64, 1), { ...options, seed: 1, resume: saved.at(-1) }),
    ).rejects.toThrow("fit: seed=1 must be seed=0, as in the checkpoint");
    await expect(
      fit(barNet(), bars(64, 1), { ...options, resume: new Uint8Array(7) }),
    ).rejects.toThrow(FormatError);
    await expect(decodeCheckpoint(saved[0].subarray(0, saved[0].length - 4))).rejects.toThrow(
      FormatError,
    );
  });
});

it("tells what it does", async () => {
  const events: FitEvent[] = [];
  await fit(barNet(), bars(70, 1), {
    ...options,
    checkpoints: { save: async () => {} },
    onEvent: (event) => events.push(event),
  });
  expect(events.map(({ type }) => type).join(" ")).toBe(
    "start step step epoch checkpoint step step epoch checkpoint end",
  );
  expect(events[0]).toEqual({
    type: "start",
    epochs: 2,
    stepsPerEpoch: 2,
    batchSize: 32,
    parameters: 8 * 9 + 16 + 16 * 2 * 9 + 16 + 16 * 2 + 2,
    step: 0,
    changed: [],
  });
  expect(events[2]).toMatchObject({ epoch: 0, step: 2, totalSteps: 4, lr: 0.01 });
});

it("stops early, and leaves the network at its best", async () => {
  const net = barNet();
  const validation = bars(100, 2);
  const { history, reason, epoch } = await fit(net, bars(64, 1), {
    ...options,
    optimizer: sgd({ lr: 1.5 }), // far too much: the loss goes up and down
    epochs: 40,
    validation,
    earlyStopping: { patience: 3 },
  });
  expect(reason).toBe("early");
  const losses = history.map((record) => record.validation!.loss);
  expect(epoch).toBe(losses.indexOf(Math.min(...losses)));
  expect(history.length).toBe(epoch + 4);
  expect((await evaluate(net, validation, options)).loss).toBe(losses[epoch]);
});

it("watches a metric of which more is better", async () => {
  const { history, epoch } = await fit(barNet(), bars(64, 1), {
    ...options,
    epochs: 4,
    validation: bars(100, 2),
    earlyStopping: { patience: 9, monitor: "accuracy" },
  });
  const scores = history.map((record) => record.validation!.metrics.accuracy);
  expect(epoch).toBe(scores.indexOf(Math.max(...scores)));
  await expect(
    fit(barNet(), bars(64, 1), { ...options, earlyStopping: { monitor: "acuracy" } }),
  ).rejects.toThrow("fit: monitor=acuracy must be loss or a metric: accuracy");
});

describe("group warm-up", () => {
  const tunable = () =>
    new Sequential([
      new Conv2d(1, 8, 3, { padding: 1 }),
      new TunableGroupConv(8, 12),
      new GlobalAvgPool2d(),
      new Flatten(),
      new Linear(12, 2),
    ]);
  const warm: FitOptions = {
    ...options,
    epochs: 4,
    groupWarmup: groupWarmup({ every: 1, max: 8 }),
  };

  it("makes groups grow as far as the channels allow", async () => {
    const net = tunable();
    const changes: FitEvent[] = [];
    const { history } = await fit(net, bars(64, 1), {
      ...warm,
      onEvent: (event) => {
        if (event.type === "regroup") changes.push(event);
      },
    });
    expect(history.map(({ groups }) => groups)).toEqual([1, 2, 4, 4].map((g) => ({ "1": g })));
    expect(changes).toMatchObject([
      { epoch: 1, changes: [{ layer: "1", from: 1, to: 2 }] },
      { epoch: 2, changes: [{ layer: "1", from: 2, to: 4 }] },
    ]);
    expect(stateDict(net).get("1.conv.weight")!.shape).toEqual([12, 2, 3, 3]);
  });

  it("goes on from a checkpoint with the groups it had", async () => {
    const whole = tunable();
    await fit(whole, bars(64, 1), warm);
    const controller = new AbortController();
    const saved: Uint8Array[] = [];
    await fit(tunable(), bars(64, 1), {
      ...warm,
      signal: controller.signal,
      checkpoints: keepIn(saved),
      onEvent: (event) => {
        if (event.type === "step" && event.step === 5) controller.abort();
      },
    });
    const net = tunable();
    await fit(net, bars(64, 1), { ...warm, resume: saved.at(-1) });
    expect(await valuesOf(net)).toEqual(await valuesOf(whole));
  });
});

describe("refusals", () => {
  const labels = (count: number, label = 0n) =>
    tensor(new BigInt64Array(count).fill(label), [count]);
  const refused = (data: Dataset, more: Partial<FitOptions> = {}) =>
    expect(fit(barNet(), data, { ...options, ...more })).rejects;

  it("of inputs that do not fit the network, with both shapes", async () => {
    await refused(tensorDataset(zeros([64, 3, 8, 8]), labels(64))).toThrow(
      'fit: an input of [32,3,8,8] does not fit the network: "0" takes 1 channels, not 3 of [32,3,8,8]',
    );
    await refused(tensorDataset(zeros([64, 64]), labels(64))).toThrow(ShapeError);
  });

  it("of targets that do not fit the loss, with both shapes", async () => {
    await refused(tensorDataset(zeros([64, 1, 8, 8]), zeros([64, 2]))).toThrow(
      'fit: targets of output "output" are float32 [2] an example; the loss takes int64 []',
    );
    await refused(tensorDataset(zeros([64, 1, 8, 8]), labels(64)), { loss: mse() }).toThrow(
      'fit: the metric accuracy takes targets int64 [32], the loss of "output" float32 [32,2]',
    );
    await refused(tensorDataset(zeros([64, 1, 8, 8]), { mask: labels(64) })).toThrow(
      'fit: the data set has no targets for output "output"',
    );
  });

  it("of a class the network does not have", async () => {
    await refused(tensorDataset(zeros([64, 1, 8, 8]), labels(64, 2n))).toThrow(
      'fit: class=2 in the targets of output "output" must be from 0 to 1',
    );
  });

  it("of a loss for an output there is not", async () => {
    await refused(bars(64, 1), { loss: { outputs: crossEntropy() } }).toThrow(
      'fit: the network has no output "outputs"',
    );
  });

  it.each<[Partial<FitOptions>, string]>([
    [{ epochs: 0 }, "fit: epochs=0 must be a whole number of at least 1"],
    [{ batchSize: 65 }, "fit: batchSize=65 times accumulate=1 must be at most examples=64"],
    [{ clipNorm: 0 }, "fit: clipNorm=0 must be greater than 0"],
    [{ averageDecay: 1 }, "fit: averageDecay=1 must be at least 0 and less than 1"],
  ])("of %o", async (more, message) => {
    await refused(bars(64, 1), more).toThrow(message);
    await refused(bars(64, 1), more).toThrow(UsageError);
  });
});

describe("a loss that is no number", () => {
  it("is traced to the data", async () => {
    const inputs = zeros([32, 1, 8, 8]);
    inputs.data[700] = Number.NaN;
    const data = tensorDataset(inputs, tensor(new BigInt64Array(32), [32]));
    const failing = fit(barNet(), data, options);
    await expect(failing).rejects.toThrow(DivergenceError);
    await expect(failing).rejects.toThrow('step 1: "input" of the batch has NaN');
  });

  it("is traced to the first layer whose numbers overflow", async () => {
    const net = new Sequential({
      small: new Conv2d(1, 4, 1),
      large: new Conv2d(4, 4, 1),
      pool: new GlobalAvgPool2d(),
      flat: new Flatten(),
      last: new Linear(4, 2),
    });
    for (const name of ["small.weight", "large.weight"]) {
      const param = stateDict(net).get(name)!;
      param.value = tensor(zeros(param.shape).data.fill(3e30), param.shape);
    }
    const ones = tensor(new Float32Array(32 * 64).fill(1), [32, 1, 8, 8]);
    await expect(
      fit(net, tensorDataset(ones, tensor(new BigInt64Array(32), [32])), options),
    ).rejects.toThrow(/step 1: "large", a Conv, is the first with infinity/);
  });

  it("is traced to a step that went too far", async () => {
    const far = fit(barNet(), bars(64, 1), { ...options, optimizer: sgd({ lr: 1e30 }) });
    await expect(far).rejects.toThrow(DivergenceError);
    await expect(far).rejects.toThrow(/step 2: "\d.*", a \w+, is the first with|step 1 left/);
  });
});
