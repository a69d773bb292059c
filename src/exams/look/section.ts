import type { Spread } from "../../util/statistics.js";

/** What look measured: channel statistics of every convolution. Correlations are Pearson's r. */
export interface LookSection {
  readonly layers: readonly LookLayer[];
  /** Whether the data were drawn for want of real ones. */
  readonly synthetic: boolean;
  /** Layers that were not looked at. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** Times the data went through the network; more than one where the memory allowed no more at once. */
  readonly passes: number;
}

export type LayerKind = "depthwise" | "pointwise" | "dense" | "grouped";

export interface LookLayer {
  readonly name: string;
  readonly op: string;
  /** `pointwise`: dense with a 1x1 window; `dense`: dense with a larger one. */
  readonly kind: LayerKind;
  readonly outChannels: number;
  readonly groups: number;
  /** Input channels of a group. */
  readonly channelsPerGroup: number;
  /** Values of each channel and sample. */
  readonly positions: number;
  /** Those that were looked at: all, or a grid, which from opset 11 on lies elsewhere in every sample. */
  readonly positionsSeen: number;
  /** What the convolution writes. */
  readonly output: ChannelSummary;
  /** After its norm and activation; null when nothing follows but scales and shifts. */
  readonly after: ChannelSummary | null;
  /** Operators between the two. */
  readonly through: readonly string[];
  /** Its batch norm's stored statistics beside the data's; null without batch norm. */
  readonly normDrift: NormDrift | null;
}

/** The channels of one value beside each other. */
export interface ChannelSummary {
  /** Observations of each channel: samples times positions looked at. */
  readonly observations: number;
  /** Of r over pairs of distinct living channels; null with fewer than two of them. */
  readonly meanR: number | null;
  /** Standard deviations, here and below, are over the same pairs as the mean before them. */
  readonly sdR: number | null;
  readonly meanAbsR: number | null;
  readonly sdAbsR: number | null;
  /**
   * The mean of |r| between channels that have nothing to do with each other, as measured on these data:
   * sqrt(2 / (pi n)) for n independent observations, and more where neighbours in a picture are alike.
   */
  readonly nullAbsR: number | null;
  readonly sdNullAbsR: number | null;
  /** Independent observations that `nullAbsR` amounts to. */
  readonly effectiveObservations: number | null;
  /** Mean of |r| within and across the layer's own groups; null where there are no such pairs. */
  readonly withinGroupsAbsR: number | null;
  readonly sdWithinGroupsAbsR: number | null;
  readonly acrossGroupsAbsR: number | null;
  readonly sdAcrossGroupsAbsR: number | null;
  /** For every group count that divides the channels: how much the matrix is made of such blocks. */
  readonly blockScores: readonly BlockScore[];
  /** What the seed's band of 0.3 to 0.7 says of `meanAbsR`. */
  readonly seedBand: "below" | "within" | "above" | null;
  /** What healthy models' layers of this kind say of it; null where there is no reference. */
  readonly referenceBand: BandVerdict | null;
  /**
   * Channels' worth of independent signal: the exponential of the entropy of the singular values of the
   * standardised channels (Roy and Vetterli 2007). Null for layers too wide for eigenvalues.
   */
  readonly effectiveRank: number | null;
  /** The same of two halves of the samples, each by itself; null where one of them has none. */
  readonly effectiveRankHalves: readonly [number, number] | null;
  /** The same by squares, C^2 / sum of r^2 (participation ratio): never more, and had at any width. */
  readonly participation: number | null;
  /** Over living channels: what it would be if all shared as much with the others as this one does. */
  readonly participationSpread: Spread | null;
  /** Channels that are one and the same number everywhere. */
  readonly deadChannels: readonly number[];
  /** Channels whose |r| with an earlier one is at least 0.99. */
  readonly duplicateChannels: readonly number[];
  /** Root of the mean over channels of their variance. */
  readonly std: number;
  /** Of the channels' own standard deviations. */
  readonly stdSpread: Spread;
  /** `std` over the root mean square of the values: 1 without a constant part, 0 when all is constant. */
  readonly relativeStd: number | null;
  /** The same of each channel that is not always 0. */
  readonly relativeStdSpread: Spread | null;
  readonly matrix: MatrixPicture;
}

export interface BlockScore {
  readonly groups: number;
  /**
   * The share of squared off-diagonal correlation within the blocks, set so that 0 is what blocks of this
   * size hold by chance and 1 is all of it.
   */
  readonly score: number;
  /** Standard deviation over the blocks, of which the score is the mean. */
  readonly sdScore: number;
}

export interface BandVerdict {
  readonly low: number;
  readonly high: number;
  readonly verdict: "below" | "within" | "above";
}

/** A correlation matrix as it can be drawn: its own cells, or means over squares of them. */
export interface MatrixPicture {
  /** Cells of a side. */
  readonly size: number;
  /** Channels of a cell's side; the last cell may have fewer. */
  readonly channelsPerCell: number;
  /** r, or the mean of |r| where cells hold several channels; row by row, as 127 r in base64 of int8. */
  readonly cells: string;
}

export interface NormDrift {
  readonly norm: string;
  /** Over channels: |mean of the data - stored mean| in stored standard deviations. */
  readonly shift: Spread;
  readonly worstShift: number;
  /** Over channels: variance of the data / stored variance. */
  readonly varianceRatio: Spread;
  /** Channels off by over one standard deviation, or by over a factor of 4 in variance. */
  readonly driftedChannels: readonly number[];
}
