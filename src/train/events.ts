import type { Evaluation } from "./evaluate.js";

/** What one epoch came to. */
export interface EpochRecord {
  /** 0 is the first. */
  readonly epoch: number;
  /** Steps done altogether. */
  readonly step: number;
  /** Mean over the steps of the epoch, in training: dropouts drop, batch norms use the batch. */
  readonly train: Evaluation;
  readonly validation: Evaluation | null;
  /** Learning rate of the last step. */
  readonly lr: number;
  /** Groups of each layer that the warm-up drives, by the layer's name. */
  readonly groups: Readonly<Record<string, number>>;
  readonly durationMs: number;
}

/** What a layer kept and lost when its groups changed. */
export interface Regrouping {
  /** Name of the module. */
  readonly layer: string;
  readonly from: number;
  readonly to: number;
  /** Share of the squared weights that stayed in the kept blocks; null where all were drawn anew. */
  readonly energyKept: number | null;
  /** Share of the variance of what was cut that the 1x1 branch took over; null where it was not fitted. */
  readonly takenOver: number | null;
}

/** What a resumed training has another of than the one it goes on from; null is none. */
export interface ChangedTerm {
  readonly name: string;
  readonly from: string | number | null;
  readonly to: string | number | null;
}

/** What `fit` tells while it works. */
export type FitEvent =
  | {
      readonly type: "start";
      readonly epochs: number;
      readonly stepsPerEpoch: number;
      readonly batchSize: number;
      readonly parameters: number;
      /** Steps that a resumed training has behind it. */
      readonly step: number;
      /** What it has another of from here on. */
      readonly changed: readonly ChangedTerm[];
    }
  | {
      readonly type: "step";
      readonly epoch: number;
      readonly step: number;
      readonly totalSteps: number;
      readonly loss: number;
      readonly lr: number;
      readonly gradientNorm: number | null;
      /** Since the start of this epoch. */
      readonly examplesPerSecond: number;
      /** For the steps that are left, evaluation not counted. */
      readonly remainingMs: number;
    }
  | { readonly type: "regroup"; readonly epoch: number; readonly changes: readonly Regrouping[] }
  | ({ readonly type: "epoch" } & EpochRecord)
  | { readonly type: "checkpoint"; readonly epoch: number; readonly step: number }
  | { readonly type: "end"; readonly reason: StopReason; readonly step: number };

/** `finished`: all epochs are done; `early`: nothing got better for too long; `aborted`: the caller said so. */
export type StopReason = "finished" | "early" | "aborted";
