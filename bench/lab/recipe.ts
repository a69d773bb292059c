import { parameterCount } from "../../src/nn/index.js";
import {
  accuracy,
  crossEntropy,
  type Dataset,
  evaluate,
  fit,
  oneCycleLr,
  sgd,
} from "../../src/train/index.js";
import type { Arm } from "./experiment.js";
import { type LabNetOptions, labNet, STAGE_CHANNELS } from "./lab-net.js";

/** The same for every arm of every experiment. A change here makes old results void. */
export const RECIPE = {
  version: 1,
  trainExamples: 6400,
  testExamples: 5000,
  batchSize: 64,
  epochs: 4,
  lr: 0.08,
  weightDecay: 5e-4,
  seeds: 5,
} as const;

export interface RunResult {
  readonly experiment: string;
  readonly arm: string;
  readonly seed: number;
  readonly recipe: number;
  /** On examples that were not trained on, 0 to 1. */
  readonly testAccuracy: number;
  readonly testLoss: number;
  readonly trainLoss: number;
  readonly parameters: number;
  readonly trainMs: number;
}

/** Trains one arm with one seed, which sets first values and the order of the examples. */
export async function runArm(
  experiment: string,
  arm: Arm,
  seed: number,
  train: Dataset,
  test: Dataset,
): Promise<RunResult> {
  const network = labNet(arm.net);
  const { batchSize, epochs, lr, weightDecay, version } = RECIPE;
  const start = performance.now();
  const objective = { loss: crossEntropy(), metrics: [accuracy()], threads: 1 };
  const { history } = await fit(network, train, {
    ...objective,
    optimizer: sgd({ lr: lr * (arm.rate ?? 1), nesterov: true, weightDecay }),
    schedule: oneCycleLr(),
    epochs,
    batchSize,
    groupWarmup: arm.warmup,
    seed,
  });
  const trainMs = performance.now() - start;
  const { loss, metrics } = await evaluate(network, test, objective);
  return {
    experiment,
    arm: arm.name,
    seed,
    recipe: version,
    testAccuracy: metrics.accuracy,
    testLoss: loss,
    trainLoss: history[epochs - 1].train.loss,
    parameters: parameterCount(network),
    trainMs,
  };
}

/** The network of an arm as it is in the end, when a warm-up has done its work. */
export function finalNet({ net, warmup }: Arm): LabNetOptions {
  if (!warmup) return net;
  const groupsOf = (channels: number) =>
    warmup.schedule.validFor(channels, channels)(RECIPE.epochs - 1);
  const [a, b, c] = STAGE_CHANNELS;
  return { ...net, groups: [groupsOf(a), groupsOf(b), groupsOf(c)] };
}
