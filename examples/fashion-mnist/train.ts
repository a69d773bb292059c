// npx groupconv train examples/fashion-mnist/train.ts
import { accuracy, adamw, crossEntropy, defineTraining, oneCycleLr } from "groupconv/train";
import { fashionMnist } from "./fashion-mnist.js";
import { clothesNetwork } from "./network.js";

const { training, test } = fashionMnist();

export default defineTraining({
  network: clothesNetwork,
  data: training,
  validation: test,
  loss: crossEntropy(),
  metrics: [accuracy()],
  optimizer: adamw({ lr: 0.005, weightDecay: 0.01 }),
  schedule: oneCycleLr(),
  epochs: 3,
  batchSize: 128,
});
