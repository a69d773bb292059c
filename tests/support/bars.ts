import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  ReLU,
  Sequential,
} from "../../src/nn/index.js";
import { Rng, tensor } from "../../src/tensor/index.js";
import { type Dataset, tensorDataset } from "../../src/train/index.js";

/** Pictures of 8x8 pixels with a bright bar that lies (class 0) or stands (class 1). */
export function bars(count: number, seed: number): Dataset {
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

/** A network for them, with everything that could make two runs differ. */
export function barNet(): Sequential {
  return new Sequential([
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
}
