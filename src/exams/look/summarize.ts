import type { Convolution } from "../../analysis/index.js";
import { product, range, sum } from "../../util/math.js";
import { type MeanAndSd, spreadOf } from "../../util/statistics.js";
import { finiteSpread } from "../series.js";
import { type Place, referenceBand, SEED_BAND, verdictOf } from "./bands.js";
import { Correlation } from "./correlation.js";
import { effectiveRankOf } from "./effective-rank.js";
import type { Subject } from "./measure.js";
import type { Moments } from "./moments.js";
import { summarizePairs } from "./pairs.js";
import type { Measured } from "./probe.js";
import type { ChannelSummary, LayerKind } from "./section.js";

export interface SummaryOptions {
  /** Largest side of the matrix in the report, in cells. */
  readonly matrixSize: number;
  /** Wider layers get no effective rank. */
  readonly rankChannels: number;
}

export function kindOf({ kind, kernel }: Convolution): LayerKind {
  if (kind !== "dense") return kind;
  return kernel.every((size) => size === 1) ? "pointwise" : "dense";
}

/** The numbers of a report from what was measured of one value. */
export function summarize(
  { moments, shifted, halves }: Measured,
  { convolution, shape }: Subject,
  place: Place,
  options: SummaryOptions,
): ChannelSummary {
  const correlation = new Correlation(moments);
  const positions = product(shape.slice(2));
  const { outChannels } = convolution;
  const groups = outChannels % convolution.groups === 0 ? convolution.groups : 1;
  const { matrixSize, rankChannels } = options;
  const { means, blockScores, ...pairs } = summarizePairs(correlation, { groups, matrixSize });
  const observations = moments.count;
  const { withinGroups: within, acrossGroups: across } = means;
  const floor = means.absR && nullOf(observations, shifted?.absR() ?? null);
  // The reference knows pictures and sounds, not the one number a sample that a gate's layer has.
  const band = positions > 1 ? referenceBand(kindOf(convolution), place) : null;
  return {
    observations,
    meanR: means.r?.mean ?? null,
    sdR: means.r?.sd ?? null,
    meanAbsR: means.absR?.mean ?? null,
    sdAbsR: means.absR?.sd ?? null,
    nullAbsR: floor?.mean ?? null,
    sdNullAbsR: floor?.sd ?? null,
    effectiveObservations: floor && independentOf(floor.mean),
    withinGroupsAbsR: within?.mean ?? null,
    sdWithinGroupsAbsR: within?.sd ?? null,
    acrossGroupsAbsR: across?.mean ?? null,
    sdAcrossGroupsAbsR: across?.sd ?? null,
    blockScores,
    seedBand: means.absR && verdictOf(means.absR.mean, SEED_BAND),
    referenceBand: means.absR && band && { ...band, verdict: verdictOf(means.absR.mean, band) },
    effectiveRank: outChannels <= rankChannels ? effectiveRankOf(correlation) : null,
    effectiveRankHalves: outChannels <= rankChannels ? ranksOf(halves) : null,
    participation: pairs.participation,
    participationSpread: pairs.participationSpread,
    deadChannels: correlation.dead,
    duplicateChannels: pairs.duplicates,
    ...spreadOfValues(moments),
    matrix: pairs.matrix,
  };
}

/** Null where there is one without a rank, such as that of a single observation. */
function ranksOf(halves: Measured["halves"]): ChannelSummary["effectiveRankHalves"] {
  if (!halves || halves.some(({ count }) => count === 0)) return null;
  const [first, second] = halves.map((half) => effectiveRankOf(new Correlation(half)));
  return first === null || second === null ? null : [first, second];
}

/** |r| of n independent pairs is sqrt(2 / (pi n)) on average; pictures measured to have more, count for fewer. */
function nullOf(observations: number, measured: MeanAndSd | null): MeanAndSd {
  // r is nearly normal: the root mean square of |r| is 1 / sqrt(n).
  const mean = Math.min(1, Math.sqrt(2 / (Math.PI * observations)));
  const independent = { mean, sd: Math.sqrt(Math.max(0, 1 / observations - mean ** 2)) };
  if (!measured || measured.mean < mean) return independent;
  return { mean: Math.min(1, measured.mean), sd: measured.sd };
}

/** So many independent observations have this |r| on average. */
function independentOf(absR: number): number {
  return 2 / (Math.PI * absR ** 2);
}

function spreadOfValues(
  moments: Moments,
): Pick<ChannelSummary, "std" | "stdSpread" | "relativeStd" | "relativeStdSpread"> {
  const { channels, mean } = moments;
  const stds = moments.std();
  const variance = sum(stds.map((std) => std ** 2)) / channels;
  const meanSquare = variance + sum(mean.map((value) => value ** 2)) / channels;
  const std = Math.sqrt(variance);
  const relative = range(channels).map((i) => stds[i] / Math.hypot(stds[i], mean[i]));
  return {
    std,
    stdSpread: spreadOf([...stds]),
    relativeStd: meanSquare > 0 ? std / Math.sqrt(meanSquare) : null,
    relativeStdSpread: finiteSpread(relative), // of a channel of zeros there is none
  };
}
