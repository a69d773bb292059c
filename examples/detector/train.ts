// npx groupconv train examples/detector/train.ts
import { fpnDetector } from "groupconv/nn";
import { adamw, defineTraining, oneCycleLr } from "groupconv/train";
import { boxDistance, boxIou, f1, focal } from "./boxes.js";
import { CLASSES, LEVELS, scenes } from "./scenes.js";

/** One entry for the classes of each level, and one for its boxes. */
const byOutput = <C, B>(classes: C, boxes: B): Record<string, C | B> =>
  Object.fromEntries(
    LEVELS.flatMap(({ name }) => [
      [`classes_${name}`, classes],
      [`boxes_${name}`, boxes],
    ]),
  );

export default defineTraining({
  // 8 to 64 channels, a pyramid of 16 with grouped convolutions, dense heads (S9)
  network: () => fpnDetector({ classes: CLASSES.length, width: 1 / 4 }),
  data: scenes(2048, 1),
  validation: scenes(256, 2),
  loss: byOutput(focal(), boxDistance()),
  metrics: byOutput([f1()], [boxIou()]),
  optimizer: adamw({ lr: 0.005 }),
  schedule: oneCycleLr(),
  epochs: 8,
  batchSize: 32,
  clipNorm: 5,
});
