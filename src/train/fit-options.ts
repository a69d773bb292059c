import type { GroupWarmup } from "../groups/index.js";
import { UsageError } from "../util/errors.js";
import { checkSize } from "./check-data.js";
import type { Augmentation, Dataset } from "./data/index.js";
import type { FitEvent } from "./events.js";
import type { Metric } from "./metrics/index.js";
import type { LossOption } from "./objective.js";
import { type Optimizer, sgd } from "./optimizers/index.js";
import { constantLr, type Schedule } from "./schedule.js";
import type { WarmupPlan } from "./warm-up-groups.js";

export interface EarlyStopping {
  /** Epochs without improvement before training stops. Defaults to 5. */
  readonly patience?: number;
  /** `loss` or the name of a metric, of the validation set where there is one. Defaults to `loss`. */
  readonly monitor?: string;
  /** A change smaller than this is no improvement. Defaults to 0. */
  readonly minDelta?: number;
}

export interface CheckpointOptions {
  /** Keeps the bytes, in place of the last ones. */
  readonly save: (bytes: Uint8Array) => Promise<void>;
  /** Epochs from one to the next. Defaults to 1. */
  readonly everyEpochs?: number;
  /** Steps from one to the next, besides; for long epochs. Defaults to none. */
  readonly everySteps?: number;
}

export interface FitOptions {
  /** One loss, or one for each output by name. */
  readonly loss: LossOption;
  /** Defaults to `sgd()`. */
  readonly optimizer?: Optimizer;
  /** What the learning rate is multiplied by as training goes on. Defaults to 1 throughout. */
  readonly schedule?: Schedule;
  readonly epochs: number;
  /** Examples a batch. Those that do not fill one are left out, others in each epoch. Defaults to 32. */
  readonly batchSize?: number;
  readonly metrics?: readonly Metric[] | Readonly<Record<string, readonly Metric[]>>;
  /** Examples the network does not learn from, looked at after each epoch. */
  readonly validation?: Dataset;
  /** Changes batches of training examples at random. */
  readonly augment?: Augmentation;
  /** Gradients longer than this, all together, are scaled down to it. Defaults to no limit. */
  readonly clipNorm?: number;
  /**
   * Share of the old in a running average of the parameters (EMA), such as 0.999. Where it is given, the
   * averages are what is validated and what the network has in the end. Defaults to none.
   */
  readonly averageDecay?: number;
  /** Batches whose gradients one step takes the mean of. Defaults to 1. */
  readonly accumulate?: number;
  /** Makes the groups of every `TunableGroupConv` grow from epoch to epoch (S17, S20). */
  readonly groupWarmup?: GroupWarmup | WarmupPlan;
  /** Stops when nothing gets better, and leaves the network as it was at its best. */
  readonly earlyStopping?: EarlyStopping;
  readonly checkpoints?: CheckpointOptions;
  /**
   * The bytes of a checkpoint to go on from, bit for bit as if it had not stopped. Size of the data, batches,
   * seed, losses, metrics, optimizer, augmentation and warm-up must be the same. `epochs`, the learning rate,
   * `schedule`, `clipNorm` and `averageDecay` may be others from there on; the `start` event says which are.
   * Functions of your own are told apart by their names.
   */
  readonly resume?: Uint8Array;
  /** Sets first values, order of examples, augmentation and dropouts. Defaults to 0. */
  readonly seed?: number;
  /** Threads an operator may use. The runtime decides by default. */
  readonly threads?: number;
  /** Stops after the step it is in, saves, and leaves the network as it is. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: FitEvent) => void;
}

/** Options with their defaults, checked. */
export interface FitSettings {
  readonly batchSize: number;
  readonly accumulate: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
}

/** @throws UsageError for an option out of range. */
export function settingsOf(data: Dataset, options: FitOptions): FitSettings {
  const { batchSize = 32, accumulate = 1, epochs, seed = 0, threads, validation } = options;
  const { everyEpochs, everySteps } = options.checkpoints ?? {};
  const { patience, minDelta = 0 } = options.earlyStopping ?? {};
  const whole = { epochs, batchSize, accumulate };
  const wholeOrNone = { threads, everyEpochs, everySteps, patience };
  for (const [name, value] of [...Object.entries(whole), ...given(wholeOrNone)])
    if (!(Number.isSafeInteger(value) && value >= 1))
      throw new UsageError(`fit: ${name}=${value} must be a whole number of at least 1`);
  checkSize("data set", data);
  if (validation) checkSize("validation set", validation);
  const optimizer = options.optimizer ?? sgd();
  for (const [name, value] of Object.entries({ lr: optimizer.lr, minDelta }))
    if (!(value >= 0 && Number.isFinite(value)))
      throw new UsageError(`fit: ${name}=${value} must be a number of at least 0`);
  if (!Number.isSafeInteger(seed)) throw new UsageError(`fit: seed=${seed} must be a whole number`);
  const { clipNorm, averageDecay } = options;
  if (clipNorm !== undefined && !(clipNorm > 0))
    throw new UsageError(`fit: clipNorm=${clipNorm} must be greater than 0`);
  if (averageDecay !== undefined && !(averageDecay >= 0 && averageDecay < 1))
    throw new UsageError(`fit: averageDecay=${averageDecay} must be at least 0 and less than 1`);
  const stepsPerEpoch = Math.floor(data.size / (batchSize * accumulate));
  if (stepsPerEpoch === 0)
    throw new UsageError(
      `fit: batchSize=${batchSize} times accumulate=${accumulate} must be at most examples=${data.size}`,
    );
  return {
    batchSize,
    accumulate,
    stepsPerEpoch,
    totalSteps: stepsPerEpoch * epochs,
    seed,
    optimizer,
    schedule: options.schedule ?? constantLr(),
  };
}

function given(
  values: Readonly<Record<string, number | undefined>>,
): (readonly [string, number])[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}
