import { describe, expect, it, vi } from "vitest";
import { barNet, bars } from "../../tests/support/bars.js";
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
import { Session } from "../runtime/index.js";
import { tensor, zeros } from "../tensor/index.js";
import { DivergenceError, ShapeError, UsageError } from "../util/errors.js";
import {
  accuracy,
  type Batch,
  crossEntropy,
  type Dataset,
  dice,
  evaluate,
  type FitEvent,
  type FitOptions,
  fit,
  groupWarmup,
  type Loss,
  mse,
  sgd,
  tensorDataset,
} from "./index.js";

/** What `fit` and `evaluate` do not take, and what they leave behind. */

const options: FitOptions = { loss: crossEntropy(), metrics: [accuracy()], epochs: 1 };
const data = bars(64, 1);

const train = (more: Partial<FitOptions>, from: Dataset = data, network: Network = barNet()) =>
  fit(network, from, { ...options, ...more });

/** A data set that says one thing and does another. */
function lying(change: (batch: Batch) => Batch): Dataset {
  return { ...data, batch: async (indices) => change(await data.batch(indices)) };
}

describe("options", () => {
  const nan = Number.NaN;
  it.each<[Partial<FitOptions>, string]>([
    [{ optimizer: { ...sgd(), lr: -1 } }, "fit: lr=-1 must be a number of at least 0"],
    [{ schedule: () => nan }, "fit: the schedule's factor=NaN at step=0 must be a number"],
    [{ schedule: () => -1 }, "fit: the schedule's factor=-1 at step=0 must be a number"],
    [{ threads: 0 }, "fit: threads=0 must be a whole number of at least 1"],
    [{ seed: 0.5 }, "fit: seed=0.5 must be a whole number"],
    [{ earlyStopping: { patience: 0 } }, "fit: patience=0 must be a whole number of at least 1"],
    [{ earlyStopping: { minDelta: nan } }, "fit: minDelta=NaN must be a number of at least 0"],
    [
      { checkpoints: { save: async () => {}, everySteps: 0.5 } },
      "fit: everySteps=0.5 must be a whole number of at least 1",
    ],
    [
      { loss: { output: { loss: crossEntropy(), weight: -1 } } },
      'fit: weight=-1 of the loss of "output" must be a number of at least 0',
    ],
    [
      { loss: { output: { weight: 1 } as never } },
      'fit: output "output" must have a loss, such as mse()',
    ],
    [{ loss: undefined as never }, "fit: loss must be given, such as crossEntropy()"],
  ])("%o", async (more, message) => {
    const failing = train(more);
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toThrow(UsageError);
  });

  it("a warm-up of nothing, or in no known way", async () => {
    const schedule = groupWarmup({ every: 1, max: 2 });
    await expect(train({ groupWarmup: schedule })).rejects.toThrow(
      "fit: groupWarmup needs a layer to drive; the network has none",
    );
    const weights = "inherits" as "inherit";
    await expect(train({ groupWarmup: { schedule, weights } })).rejects.toThrow(
      "fit: groupWarmup.weights=inherits must be one of inherit, slice, reset",
    );
  });

  it("a monitor that there is not, before the first step", async () => {
    const events: FitEvent[] = [];
    const failing = train({
      earlyStopping: { monitor: "acuracy" },
      onEvent: (event) => events.push(event),
    });
    await expect(failing).rejects.toThrow(
      "fit: monitor=acuracy must be loss or a metric: accuracy",
    );
    expect(events.filter(({ type }) => type === "step")).toEqual([]);
  });

  it("a smoothing of Dice that is no number", () => {
    expect(() => dice({ smooth: -1 })).toThrow("dice: smooth=-1 must be a number of at least 0");
  });
});

describe("data sets", () => {
  it("give no more examples at once than a batch, to validation and to a warm-up either", async () => {
    const sizes = new Set<number>();
    const counted: Dataset = {
      ...data,
      batch: (indices) => {
        sizes.add(indices.length);
        return data.batch(indices);
      },
    };
    const net = new Sequential([
      new TunableGroupConv(1, 4),
      new TunableGroupConv(4, 4),
      new GlobalAvgPool2d(),
      new Flatten(),
      new Linear(4, 2),
    ]);
    await train(
      {
        epochs: 2,
        batchSize: 24,
        validation: counted,
        groupWarmup: groupWarmup({ every: 1, max: 2 }),
      },
      counted,
      net,
    );
    expect(sizes).toEqual(new Set([24, 64 - 2 * 24]));
  });

  it.each([0, 2.5, Number.NaN])("of %d examples", async (size) => {
    const message = `must be a whole number of at least 1`;
    await expect(train({}, { ...data, size })).rejects.toThrow(`size=${size} of the data set`);
    await expect(train({ validation: { ...data, size } })).rejects.toThrow(
      `fit: size=${size} of the validation set ${message}`,
    );
    await expect(evaluate(barNet(), { ...data, size }, options)).rejects.toThrow(message);
  });

  it.each<[string, Dataset, string]>([
    [
      "fewer examples",
      lying(({ input, targets }) => ({
        input: tensor(input.data.subarray(64), input.shape.with(0, input.shape[0] - 1)),
        targets,
      })),
      "fit: the input of a batch is float32 [31,1,8,8]; it must be float32 [32,1,8,8]",
    ],
    [
      "fewer targets, which would be broadcast",
      lying(({ input }) => ({ input, targets: { output: tensor([1n], [1]) } })),
      'fit: the targets of output "output" of a batch is int64 [1]; it must be int64 [32]',
    ],
    [
      "targets of another type",
      lying(({ input }) => ({ input, targets: { output: zeros([32]) } })),
      'targets of output "output" of a batch is float32 [32]; it must be int64 [32]',
    ],
    [
      "no targets",
      lying(({ input }) => ({ input, targets: {} })),
      'targets of output "output" of a batch is missing; it must be int64 [32]',
    ],
  ])("that give %s", async (_what, from, message) => {
    await expect(train({}, from)).rejects.toThrow(message);
    await expect(train({}, from)).rejects.toThrow(ShapeError);
    const small = { batchSize: 32, ...options };
    await expect(evaluate(barNet(), from, small)).rejects.toThrow(message);
  });

  it("whose augmentation changes shapes", async () => {
    const augment = ({ targets }: Batch) => ({ input: zeros([32, 1, 8, 7]), targets });
    await expect(train({ augment })).rejects.toThrow(
      "fit: the input of a batch is float32 [32,1,8,7]; it must be float32 [32,1,8,8]",
    );
  });

  it("with NaN among the targets", async () => {
    const inputs = zeros([32, 1, 8, 8]);
    const targets = zeros([32, 2]);
    targets.data[5] = Number.NaN;
    const failing = train({ loss: mse(), metrics: [] }, tensorDataset(inputs, targets));
    await expect(failing).rejects.toThrow('step 1: "target:output" of the batch has NaN');
  });

  it("may have more targets than are asked for", async () => {
    const more = lying(({ input, targets }) => ({
      input,
      targets: { ...targets, more: zeros([1]) },
    }));
    expect(await train({ validation: more }, more)).toEqual(
      expect.objectContaining({ reason: "finished" }),
    );
  });
});

describe("what is left behind", () => {
  it("no checkpoint of a step that went too far, nor a network of it", async () => {
    const save = vi.fn(async () => {});
    const net = barNet();
    const failing = fit(net, data, {
      ...options,
      batchSize: 64, // one step, whose loss is still a number
      optimizer: sgd({ lr: 1e38, momentum: 0, weightDecay: 1e38 }),
      checkpoints: { save },
    });
    await expect(failing).rejects.toThrow(DivergenceError);
    await expect(failing).rejects.toThrow(/^step 1 left (NaN|infinity) in "/);
    expect(save).not.toHaveBeenCalled();
  });

  it("the groups and values of layers, when a warm-up meets an error", async () => {
    const layer = new TunableGroupConv(4, 8);
    const net = new Sequential([
      new Conv2d(1, 4, 1),
      layer,
      new GlobalAvgPool2d(),
      new Flatten(),
      new Linear(8, 2),
    ]);
    const weight = tensor(new Float32Array(8 * 4 * 9).fill(0.1), [8, 4, 3, 3]);
    stateDict(net).get("1.conv.weight")!.value = weight;
    const failing = train(
      {
        epochs: 3,
        groupWarmup: groupWarmup({ every: 1, max: 4 }),
        onEvent: (event) => {
          if (event.type === "step" && event.epoch === 1) throw new UsageError("enough");
        },
      },
      data,
      net,
    );
    await expect(failing).rejects.toThrow("enough");
    expect(layer.groups).toBe(1);
    expect(stateDict(net).get("1.conv.weight")!.value).toBe(weight);
  });

  it("no session, when the second of two cannot be made", async () => {
    let written = 0;
    const failsLater: Loss = {
      ...mse(),
      write(...args) {
        if (++written === 2) throw new UsageError("once is enough");
        return mse().write(...args);
      },
    };
    const created = vi.spyOn(Session, "create");
    const released = vi.spyOn(Session.prototype, "release");
    const targets = tensorDataset(zeros([64, 1, 8, 8]), zeros([64, 2]));
    await expect(train({ loss: failsLater, metrics: [], accumulate: 2 }, targets)).rejects.toThrow(
      "once is enough",
    );
    expect(created).toHaveBeenCalledTimes(1);
    expect(released).toHaveBeenCalledTimes(1);
  });

  it("the network as it was, when the caller had stopped it before it began", async () => {
    const save = vi.fn(async () => {});
    const signal = AbortSignal.abort();
    const result = await train({ signal, checkpoints: { save } });
    expect(result).toEqual({ history: [], reason: "aborted", step: 0, epoch: 0 });
    expect(save).toHaveBeenCalledTimes(1);
  });
});

it("a best that is NaN is no best", async () => {
  let epoch = 0;
  const odd = { ...accuracy(), name: "odd", finish: () => [Number.NaN, 0.3, 0.2, 0.1][epoch++] };
  const { history, epoch: best } = await train({
    epochs: 4,
    metrics: [odd],
    earlyStopping: { monitor: "odd", patience: 9 },
  });
  expect(history.length).toBe(4);
  expect(best).toBe(1);
});
