import type { Spread } from "../../util/statistics.js";

/** What pulse measured: a layer's groups changed for real, one layer at a time, and what came out. */
export interface PulseSection {
  /** From the input to the output: rows of the sensitivity table. */
  readonly layers: readonly PulseLayer[];
  /** Samples that each trial was run on. */
  readonly samples: number;
  /** Whether the data were drawn for want of real ones. */
  readonly synthetic: boolean;
  readonly budgetMs: number;
  readonly elapsedMs: number;
  /** Trials that there were, and those that the budget did not reach. */
  readonly trials: number;
  readonly untried: number;
  /** Layers that were not tried, and trials that could not be made. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

export interface PulseLayer {
  readonly name: string;
  readonly op: string;
  readonly outChannels: number;
  readonly groups: number;
  /** Input channels of a group. */
  readonly channelsPerGroup: number;
  /** Multiply-accumulates in a full batch. */
  readonly macs: number | null;
  readonly trials: readonly Trial[];
}

/**
 * - `ungroup`: dense, with zeros between the groups. Computes the same: what it shows is rounding.
 * - `cut`: kernels between the new groups dropped.
 * - `reordered`: cut, after the network's channels changed places so that the groups keep the most.
 * - `fitted`: cut in the better of the two orders, with a 1x1 convolution beside it, fitted to what was dropped.
 */
export type Way = "ungroup" | "cut" | "reordered" | "fitted";

export interface Trial {
  readonly way: Way;
  readonly groups: number;
  /** Share of the sum of squared weights that the groups keep, 0 to 1. */
  readonly keptEnergy: number;
  /** Share of what was dropped that the 1x1 convolution takes over on these data, 0 to 1; null without one. */
  readonly explained: number | null;
  /** The same of each channel that the layer writes, of those that lost something. */
  readonly explainedSpread: Spread | null;
  /** Multiply-accumulates of the layer after the change, the 1x1 convolution included. */
  readonly macs: number | null;
  /** The network's outputs, in their order. */
  readonly outputs: readonly OutputEffect[];
  /** What the convolutions that read this layer next write. */
  readonly next: readonly NextEffect[];
  readonly latency: Latency;
}

/**
 * Times of the whole network on one batch, before and after the change; both ran in turns. A layer that was reordered
 * has those of the same network cut without, which differs in the numbers of its weights alone.
 */
export interface Latency {
  readonly beforeMs: Spread;
  readonly afterMs: Spread;
  /** After over before, pair by pair; null where the clock is too coarse for so short a run, as in browsers. */
  readonly ratio: Spread | null;
}

export interface Effect {
  readonly name: string;
  /** Norm of the difference over the norm of what it was; null where it was 0. */
  readonly relativeError: number | null;
  /** The same of each sample by itself, of those that were not 0; null where the first axis is not that of the samples. */
  readonly relativeErrorSpread: Spread | null;
}

export interface NextEffect extends Effect {
  /** Mean |r| over pairs of channels, as look measures it; null where it was not: one channel, no real numbers. */
  readonly meanAbsRBefore: number | null;
  /** Standard deviation of |r| over the same pairs. */
  readonly sdAbsRBefore: number | null;
  readonly meanAbsRAfter: number | null;
  readonly sdAbsRAfter: number | null;
}

export interface OutputEffect extends Effect {
  /** Share of samples whose largest score stayed the largest, where the output is `[N, classes]`. */
  readonly top1Agreement: number | null;
  /** Where it lies for data like these, to 95 %: Wilson's score interval. */
  readonly top1AgreementInterval: readonly [low: number, high: number] | null;
  /** How many samples it is a share of. */
  readonly top1Samples: number | null;
}
