// BLOCK=RescueCombo npx groupconv train examples/fashion-mnist/blocks.ts
import { accuracy, adamw, crossEntropy, defineTraining, oneCycleLr } from "groupconv/train";
import { blocks } from "./block-networks.js";
import { fashionMnist } from "./fashion-mnist.js";

const { BLOCK = "" } = process.env;
if (!blocks[BLOCK])
  throw new Error(`BLOCK=${BLOCK} must be one of ${Object.keys(blocks).join(", ")}`);
const { training, test } = fashionMnist();

export default defineTraining({
  network: blocks[BLOCK],
  data: training,
  validation: test,
  loss: crossEntropy(),
  metrics: [accuracy()],
  optimizer: adamw({ lr: 0.005, weightDecay: 0.01 }),
  schedule: oneCycleLr(),
  epochs: 2,
  batchSize: 128,
  output: `run-${BLOCK}`,
});
