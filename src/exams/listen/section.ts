import type { Spread } from "../../util/statistics.js";

/**
 * What listen measured: gradients of one number, at every convolution. The number is the mean of the target
 * over the elements of a sample; gradients at values are each sample's own, those at weights are of the mean
 * over a batch, as a training step has them.
 */
export interface ListenSection {
  readonly target: ListenTarget;
  /** Inputs of float32 that the gradient reaches with finite numbers, where memory allowed to go back so far. */
  readonly inputs: readonly InputMagnitude[];
  /** From the input to the output. */
  readonly layers: readonly ListenLayer[];
  readonly samples: number;
  /** Samples of a full batch, which a weight's gradient is the mean over. */
  readonly batchSize: number;
  /** Whether the data were drawn for want of real ones. */
  readonly synthetic: boolean;
  /** Layers that were not listened to. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** Times the data went through the network; more than one where the memory allowed no more at once. */
  readonly passes: number;
}

export interface ListenTarget {
  /** Values whose means are added up. */
  readonly values: readonly string[];
  /** Index on axis 1 that is looked at alone. */
  readonly label: number | null;
  /** Softmax outputs whose scores were taken instead: their own mean is one number, whatever the input. */
  readonly beforeSoftmax: readonly string[];
}

/** Over all elements of all samples, at a weight of all batches; in the target's unit over the value's. */
export interface Magnitude {
  readonly meanAbs: number;
  readonly rms: number;
  /** The same over the elements of each sample, at a weight of each batch. */
  readonly meanAbsSpread: Spread;
  readonly rmsSpread: Spread;
}

export interface InputMagnitude extends Magnitude {
  readonly name: string;
}

export interface ListenLayer {
  readonly name: string;
  readonly op: string;
  readonly outChannels: number;
  readonly groups: number;
  /** Input channels of a group. */
  readonly channelsPerGroup: number;
  /** The gradient at what the convolution writes. */
  readonly output: Magnitude;
  /** The gradient at its weight. */
  readonly weight: Magnitude;
  readonly perGroup: GroupGradients;
  /** Groups whose gradient is nothing, or rounding, beside the largest one's. */
  readonly deadGroups: readonly number[];
  /** The same layer with kernels of zero between its groups; null for dense layers and where it was left out. */
  readonly dense: DenseComparison | null;
  /**
   * Norm of the gradient times norm of the value, of a sample: how much the target changes, to first order and
   * at most, when the layer's whole output changes by its own size. It does not change with the scale of a
   * layer before a batch norm. In the target's unit; of norms that are root mean squares over the samples.
   */
  readonly elasticity: number;
  /** Of each sample's own norms. A few loud samples lift the elasticity of all above the third quartile. */
  readonly elasticitySpread: Spread;
  /** The convolutions that read the layer's output next. */
  readonly next: readonly string[];
  /** Its elasticity over the mean of theirs: far under 1, gradients vanish on the way back; far over, they explode. */
  readonly ratioToNext: number | null;
  /** Of each sample's own elasticities; of fewer samples where those of the next layers are 0; null where the next layers have other samples. */
  readonly ratioToNextSpread: Spread | null;
}

/**
 * One number a group, in each list. `sd` is the standard deviation of what the samples have each by itself, at the
 * weight the batches; null of a single one.
 */
export interface GroupGradients {
  readonly outputMeanAbs: readonly number[];
  readonly sdOutputMeanAbs: readonly number[] | null;
  readonly outputRms: readonly number[];
  readonly sdOutputRms: readonly number[] | null;
  readonly weightMeanAbs: readonly number[];
  readonly sdWeightMeanAbs: readonly number[] | null;
  readonly weightRms: readonly number[];
  readonly sdWeightRms: readonly number[] | null;
  /** A group's rms over the sum of all; `1 / groups` is an equal share. Null where all are 0. */
  readonly outputShare: readonly number[] | null;
  readonly weightShare: readonly number[] | null;
  /** The least and the most a group has in any sample, at the weight in any batch. Null where all are 0 in each. */
  readonly outputShareLeast: readonly number[] | null;
  readonly outputShareMost: readonly number[] | null;
  readonly weightShareLeast: readonly number[] | null;
  readonly weightShareMost: readonly number[] | null;
  /** Root mean square of what the group reads and writes. */
  readonly readRms: readonly number[];
  readonly sdReadRms: readonly number[] | null;
  readonly writtenRms: readonly number[];
  readonly sdWrittenRms: readonly number[] | null;
  /**
   * What a group gets once the size of what it reads and writes is taken out, over the median group's; see
   * `normalisedGradients`. Null of dead groups and of those whose data are 0.
   */
  readonly normalised: readonly (number | null)[];
  /** The least and the most of it in any batch. */
  readonly normalisedLeast: readonly (number | null)[];
  readonly normalisedMost: readonly (number | null)[];
}

export interface DenseComparison {
  /** RMS of the gradient at the kernels the layer has, and at those within other groups that it has not. */
  readonly withinRms: number;
  readonly acrossRms: number;
  /** The same of each batch's gradient. */
  readonly withinRmsSpread: Spread | null;
  readonly acrossRmsSpread: Spread | null;
  /**
   * `withinRms` over the rms of all kernels of the dense layer. With either weight drawn at its own initial
   * scale, it is also how much more the target changes by a step of that scale. Null where all are 0.
   */
  readonly ratio: number | null;
  /** The same of each batch's gradient. */
  readonly ratioSpread: Spread | null;
}
