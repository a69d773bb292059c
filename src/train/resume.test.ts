import { expect, it } from "vitest";
import { barNet, bars } from "../../tests/support/bars.js";
import type { Value } from "../graph/index.js";
import {
  Conv2d,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  Module,
  type ModuleBuilder,
  type Network,
  namedParameters,
  Sequential,
  stateDict,
  TunableGroupConv,
} from "../nn/index.js";
import { type LazyTensor, readSafetensors, tensor, writeSafetensors } from "../tensor/index.js";
import { bytesSource } from "../util/byte-source.js";
import { FormatError, ShapeError } from "../util/errors.js";
import {
  accuracy,
  adamw,
  augmentAll,
  cosineLr,
  crossEntropy,
  decodeCheckpoint,
  evaluate,
  type FitEvent,
  type FitOptions,
  type FitResult,
  fit,
  groupWarmup,
  randomFlip,
  randomShift,
  sgd,
  stepLr,
  warmupLr,
} from "./index.js";

const data = bars(64, 1);
const validation = bars(40, 2);
const options: FitOptions = {
  loss: crossEntropy(),
  metrics: [accuracy()],
  optimizer: sgd({ lr: 0.05 }),
  epochs: 2,
  batchSize: 16,
};

/** Every checkpoint that a training writes. */
async function checkpointsOf(
  { everySteps, ...more }: Partial<FitOptions> & { everySteps?: number } = {},
  network: Network = barNet(),
) {
  const saved: Uint8Array[] = [];
  const save = async (bytes: Uint8Array) => {
    saved.push(bytes);
  };
  const checkpoints = { everySteps, save };
  const result = await fit(network, data, { ...options, ...more, checkpoints });
  return { saved, result };
}

const resume = (bytes: Uint8Array | undefined, more: Partial<FitOptions> = {}) =>
  fit(barNet(), data, { ...options, ...more, resume: bytes });

const withoutTime = ({ history, ...rest }: FitResult) => ({
  ...rest,
  history: history.map(({ durationMs, ...record }) => record),
});

it("goes on from the last step of an epoch, its learning rate told", async () => {
  const more: Partial<FitOptions> = { schedule: cosineLr() };
  const { saved, result } = await checkpointsOf({ ...more, everySteps: 4 });
  // Four steps an epoch: the first is of step 4, the second of the end of that epoch.
  expect(saved.length).toBe(4);
  for (const bytes of saved)
    expect(withoutTime(await resume(bytes, more))).toEqual(withoutTime(result));
});

it("stays stopped where it had stopped early", async () => {
  const early: Partial<FitOptions> = {
    optimizer: sgd({ lr: 1.5 }),
    epochs: 30,
    validation,
    earlyStopping: { patience: 1 },
  };
  const { saved, result } = await checkpointsOf(early);
  expect(result.reason).toBe("early");
  const again = await resume(saved.at(-1), early);
  expect(withoutTime(again)).toEqual(withoutTime(result));
});

it("leaves averages and a best epoch behind that are no longer asked for", async () => {
  const first: Partial<FitOptions> = {
    averageDecay: 0.999,
    validation,
    earlyStopping: { patience: 9 },
  };
  const { saved } = await checkpointsOf(first);
  const net = barNet();
  const { epoch, history } = await fit(net, data, {
    ...options,
    validation,
    epochs: 4,
    resume: saved.at(-1),
  });
  expect(epoch).toBe(3);
  // What was validated is what the network has: its own values.
  const { loss, metrics, batchSize } = options;
  expect(await evaluate(net, validation, { loss, metrics, batchSize })).toEqual(
    history[3].validation,
  );
  const averaged = await resume(saved.at(-1), { ...first, epochs: 4 });
  expect(averaged.history[3].validation).not.toEqual(history[3].validation);
});

class HalfIdle extends Module {
  readonly body = barNet();
  readonly idle = new Conv2d(1, 1, 1);

  forward(g: ModuleBuilder, x: Value): Value {
    return g.call(this.body, x);
  }
}

it("takes a network that does not use all it owns", async () => {
  const { saved } = await checkpointsOf({}, new HalfIdle());
  const result = await fit(new HalfIdle(), data, { ...options, epochs: 3, resume: saved.at(-1) });
  expect(result.step).toBe(12);
});

it("refuses a training that would be another", async () => {
  const { saved } = await checkpointsOf({ everySteps: 3 });
  const middle = saved[0]; // step 3 of 4
  const refused = (more: Partial<FitOptions>) => expect(resume(middle, more)).rejects;
  await refused({ batchSize: 8 }).toThrow("fit: batchSize=8 must be batchSize=16");
  await refused({ accumulate: 2 }).toThrow("fit: accumulate=2 must be accumulate=1");
  await refused({ optimizer: adamw({ betas: [0.8, 0.9] }) }).toThrow(
    "fit: optimizer=adamw(betas=[0.8,0.9], eps=1e-8, weightDecay=0.01) must be optimizer=sgd(momentum=0.9, nesterov=false, weightDecay=0)",
  );
  await refused({ optimizer: sgd({ lr: 0.05, weightDecay: 0.1 }) }).toThrow(
    "fit: optimizer=sgd(momentum=0.9, nesterov=false, weightDecay=0.1) must be ",
  );
  await refused({ loss: crossEntropy({ labelSmoothing: 0.1 }) }).toThrow(
    "fit: loss=crossEntropy(labelSmoothing=0.1) must be loss=crossEntropy(labelSmoothing=0), as in the checkpoint",
  );
  await refused({ augment: augmentAll(randomFlip(), randomShift(2)) }).toThrow(
    "fit: augment=randomFlip() + randomShift(pixels=2) must be augment=none, as in the checkpoint",
  );
  await refused({ metrics: [] }).toThrow("fit: metrics= must be metrics=accuracy");
  await refused({ loss: { output: { loss: crossEntropy(), weight: 2 } } }).toThrow(
    "fit: loss=output: 2 * crossEntropy(labelSmoothing=0) must be loss=crossEntropy(labelSmoothing=0), as in the checkpoint",
  );
  await expect(fit(barNet(), bars(80, 1), { ...options, resume: middle })).rejects.toThrow(
    "fit: examples=80 must be examples=64, as in the checkpoint",
  );
  await expect(resume(saved.at(-1), { epochs: 1 })).rejects.toThrow(
    "fit: epochs=1 must be at least 2, which the checkpoint has begun",
  );
  const smaller = new Sequential([
    new Conv2d(1, 8, 3, { padding: 1, bias: false }),
    new GlobalAvgPool2d(),
    new Flatten(),
    new Linear(8, 2),
  ]);
  await expect(fit(smaller, data, { ...options, resume: middle })).rejects.toThrow(
    /^fit: the checkpoint has .* it is of another network$/,
  );
});

it("refuses another warm-up", async () => {
  const tunable = () =>
    new Sequential([
      new TunableGroupConv(1, 4),
      new TunableGroupConv(4, 4),
      new GlobalAvgPool2d(),
      new Flatten(),
      new Linear(4, 2),
    ]);
  const schedule = groupWarmup({ every: 1, max: 2 });
  const { saved } = await checkpointsOf({ groupWarmup: { schedule, weights: "slice" } }, tunable());
  const resumed = (warmup: FitOptions["groupWarmup"]) =>
    fit(tunable(), data, { ...options, groupWarmup: warmup, resume: saved[0] });
  await expect(resumed({ schedule, weights: "reset" })).rejects.toThrow(
    "fit: groupWarmup=groupWarmup(every=1, base=2, max=2), reset must be groupWarmup=groupWarmup(every=1, base=2, max=2), slice, as in the checkpoint",
  );
  await expect(resumed(undefined)).rejects.toThrow("fit: groupWarmup=none must be groupWarmup=");
});

it("takes another rate, schedule, end, limit of gradients or average, and tells which", async () => {
  const { saved } = await checkpointsOf({ schedule: cosineLr() });
  const events: FitEvent[] = [];
  await resume(saved[0], {
    optimizer: sgd({ lr: 0.01 }),
    schedule: warmupLr(2, stepLr({ every: 3 })),
    epochs: 3,
    clipNorm: 1,
    averageDecay: 0.9,
    onEvent: (event) => events.push(event),
  });
  const starts = events.flatMap((event) => (event.type === "start" ? [event.changed] : []));
  expect(starts).toEqual([
    [
      { name: "epochs", from: 2, to: 3 },
      { name: "lr", from: 0.05, to: 0.01 },
      {
        name: "schedule",
        from: "cosineLr(floor=0)",
        to: "warmupLr(steps=2, then=stepLr(every=3, factor=0.1))",
      },
      { name: "clipNorm", from: null, to: 1 },
      { name: "averageDecay", from: null, to: 0.9 },
    ],
  ]);
});

it("keeps of the best epoch what a network is made of", async () => {
  const { saved } = await checkpointsOf({ averageDecay: 0.5, earlyStopping: { patience: 9 } });
  const { best, state } = await decodeCheckpoint(saved[0]);
  const names = stateDict(barNet()).keys();
  const params = namedParameters(barNet()).keys();
  expect(new Set(best!.state.keys())).toEqual(
    new Set([...names, ...[...params].map((name) => `${name}#average`)]),
  );
  expect(state.has("0.weight#momentum")).toBe(true);
});

it("refuses to compare with a best of another kind", async () => {
  const { saved } = await checkpointsOf({ earlyStopping: { patience: 9 } });
  await expect(resume(saved.at(-1), { earlyStopping: { monitor: "accuracy" } })).rejects.toThrow(
    "fit: monitor=accuracy must be monitor=loss, as in the checkpoint",
  );
});

type Tensors = Map<string, LazyTensor>;

/** The checkpoint, its notes and tensors changed. */
async function forged(
  bytes: Uint8Array,
  changed: object,
  change: (tensors: Tensors) => void = () => {},
): Promise<Uint8Array> {
  const { tensors, metadata } = await readSafetensors(bytesSource(bytes));
  const notes = { ...JSON.parse(metadata.get("training")!), ...changed };
  const all = new Map(tensors);
  change(all);
  return writeSafetensors([...all], [...metadata, ["training", JSON.stringify(notes)]]);
}

it.each<[string, object]>([
  ["no history", { history: undefined }],
  ["a history of words", { history: ["so it went"] }],
  ["a negative step", { step: -1 }],
  ["a step that cannot be", { step: 2 ** 52 }],
  ["an epoch without end", { epoch: 1e300 }],
  ["counts of nothing", { running: { loss: 0, counts: [[1, 2]] } }],
  ["counts that are none", { running: { loss: 0, counts: "all" } }],
  ["groups in words", { groups: { "0": "many" } }],
  ["a best that is none", { best: { epoch: 0 } }],
  ["terms of its own", { terms: 7 }],
])("refuses a checkpoint with %s", async (_what, changed) => {
  const { saved } = await checkpointsOf({ epochs: 1 });
  await expect(resume(await forged(saved[0], changed))).rejects.toThrow(FormatError);
});

it("refuses values that the network has no place for", async () => {
  const { saved } = await checkpointsOf({ epochs: 1 });
  const with1 = (name: string) =>
    forged(saved[0], {}, (tensors) => tensors.set(name, tensor([1], [1])));
  await expect(resume(await with1("0.weight#momentum"))).rejects.toThrow(
    'fit: the checkpoint has [1] for "0.weight#momentum" [8,1,3,3]; it is of another network',
  );
  await expect(resume(await with1("99.weight"))).rejects.toThrow(
    'fit: the checkpoint has [1] for "99.weight" which the network does not have',
  );
});

it("refuses groups that do not divide the channels", async () => {
  const tunable = () =>
    new Sequential([
      new TunableGroupConv(1, 4),
      new GlobalAvgPool2d(),
      new Flatten(),
      new Linear(4, 2),
    ]);
  const { saved } = await checkpointsOf({ epochs: 1 }, tunable());
  const bytes = await forged(saved[0], { groups: { "0": 3 } });
  const failing = fit(tunable(), data, { ...options, resume: bytes });
  await expect(failing).rejects.toThrow(ShapeError);
  await expect(failing).rejects.toThrow("groups=3");
});
