import type { Network } from "../nn/index.js";
import type { Dataset } from "./data/index.js";
import type { CheckpointOptions, FitOptions } from "./fit-options.js";

/** Examples, or a function that loads them. */
export type DatasetSource = Dataset | (() => Dataset | Promise<Dataset>);

/** Options of `fit` that a training from the command line sets itself. */
type Driven = "validation" | "checkpoints" | "resume" | "signal" | "onEvent";

/** A training as `groupconv train` takes it: what `fit` is told, where the examples are, where results go. */
export interface Training extends Omit<FitOptions, Driven> {
  readonly network: () => Network | Promise<Network>;
  readonly data: DatasetSource;
  /** Examples the network does not learn from, looked at after each epoch. */
  readonly validation?: DatasetSource;
  readonly checkpoints?: Omit<CheckpointOptions, "save">;
  /** Folder for the checkpoint and the trained network, from the folder of this file. Defaults to `run`. */
  readonly output?: string;
}

/** A training, for the default export of a file: it only lets an editor know the type. */
export function defineTraining(training: Training): Training {
  return training;
}
