import { expect, it } from "vitest";
import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  ReLU,
  Sequential,
} from "../nn/index.js";
import { Rng, tensor } from "../tensor/index.js";
import { accuracy, adamw, crossEntropy, type Dataset, fit, tensorDataset } from "./index.js";

/** Pictures of 8x8 pixels with a bright bar that lies (class 0) or stands (class 1). */
function bars(count: number, seed: number): Dataset {
  const rng = new Rng(seed);
  const inputs = rng.normal([count, 1, 8, 8], 0, 0.3);
  const labels = new BigInt64Array(count);
  for (let i = 0; i < count; i++) {
    const stands = rng.float() < 0.5;
    const at = rng.integer(1, 7);
    labels[i] = stands ? 1n : 0n;
    for (let j = 1; j < 7; j++) inputs.data[i * 64 + (stands ? j * 8 + at : at * 8 + j)] += 1;
  }
  return tensorDataset(inputs, tensor(labels, [count]));
}

const net = () =>
  new Sequential([
    new Conv2d(1, 8, 3, { padding: 1, bias: false }),
    new BatchNorm2d(8),
    new ReLU(),
    new Conv2d(8, 16, 3, { padding: 1, groups: 4 }),
    new ReLU(),
    new GlobalAvgPool2d(),
    new Flatten(),
    new Dropout(0.1),
    new Linear(16, 2),
  ]);

it("learns to tell lying bars from standing ones it has not seen", async () => {
  const { history, reason } = await fit(net(), bars(512, 1), {
    loss: crossEntropy(),
    metrics: [accuracy()],
    optimizer: adamw({ lr: 0.01 }),
    epochs: 6,
    validation: bars(300, 2),
    clipNorm: 5,
    averageDecay: 0.9,
  });
  expect(reason).toBe("finished");
  expect(history.length).toBe(6);
  expect(history[5].validation!.metrics.accuracy).toBeGreaterThan(0.95);
});
