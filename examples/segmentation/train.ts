// npx groupconv train examples/segmentation/train.ts
import { unetGrouped } from "groupconv/nn";
import {
  adamw,
  crossEntropy,
  defineTraining,
  dice,
  meanIou,
  oneCycleLr,
  sumOf,
} from "groupconv/train";
import { CLASSES, shapes } from "./shapes.js";

export default defineTraining({
  // 8 to 128 channels; groups 2, 4, 8 on the way down and 8, 4, 2 on the way up (S10)
  network: () => unetGrouped({ classes: CLASSES.length, width: 1 / 8 }),
  data: shapes(1024, 1),
  validation: shapes(128, 2),
  loss: sumOf(dice(), crossEntropy()),
  metrics: [meanIou()],
  optimizer: adamw({ lr: 0.005 }),
  schedule: oneCycleLr(),
  epochs: 8,
  batchSize: 16,
});
