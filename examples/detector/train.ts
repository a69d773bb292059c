// npx groupconv train examples/detector/train.ts
import { adamw, defineTraining, oneCycleLr } from "groupconv/train";
import { boxDistance, boxIou, f1, focal } from "./boxes.js";
import { Detector } from "./network.js";
import { CLASSES, scenes } from "./scenes.js";

export default defineTraining({
  network: () => new Detector(CLASSES.length),
  data: scenes(2048, 1),
  validation: scenes(256, 2),
  loss: { classes: { loss: focal(), weight: 2 }, boxes: boxDistance() },
  metrics: { classes: [f1()], boxes: [boxIou()] },
  optimizer: adamw({ lr: 0.005 }),
  schedule: oneCycleLr(),
  epochs: 8,
  batchSize: 32,
  clipNorm: 5,
});
