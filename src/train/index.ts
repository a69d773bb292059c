/** Training: gradients, optimizer and averages are nodes of one graph, which ONNX Runtime runs step by step. */

export { type GroupWarmup, type GroupWarmupOptions, groupWarmup } from "../groups/index.js";
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
export * from "./data/index.js";
export { type DatasetSource, defineTraining, type Training } from "./define-training.js";
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
export type { ChangedTerm, EpochRecord, FitEvent, Regrouping, StopReason } from "./events.js";
export { type FitResult, fit } from "./fit.js";
export type {
  CheckpointOptions,
  EarlyStopping,
  FitOptions,
} from "./fit-options.js";
export * from "./losses/index.js";
export * from "./metrics/index.js";
export type { LossOption, WeightedLoss } from "./objective.js";
export * from "./optimizers/index.js";
export { WEIGHT_CARRIES, type WeightCarry } from "./regroup-layers.js";
export {
  constantLr,
  cosineLr,
  type OneCycleOptions,
  oneCycleLr,
  type Progress,
  type Schedule,
  stepLr,
  warmupLr,
} from "./schedule.js";
export { initialState, type State } from "./state.js";
export { buildStepGraph, type StepGraph, type StepGraphOptions } from "./step-graph.js";
export { type StepOutcome, Stepper, type StepperOptions } from "./stepper.js";
export type { WarmupPlan } from "./warm-up-groups.js";
