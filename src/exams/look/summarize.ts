import type { Convolution } from "../../analysis/index.js";
import { product, sum } from "../../util/math.js";
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
  { moments, shifted }: Measured,
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
  const floor = nullOf(observations, shifted?.meanAbsR() ?? null);
  // The reference knows pictures and sounds, not the one number a sample that a gate's layer has.
  const band = positions > 1 ? referenceBand(kindOf(convolution), place) : null;
  return {
    observations,
    meanR: means.r,
    meanAbsR: means.absR,
    sdAbsR: means.sdAbsR,
    nullAbsR: means.absR === null ? null : floor.absR,
    effectiveObservations: means.absR === null ? null : floor.observations,
    withinGroupsAbsR: means.withinGroups,
    acrossGroupsAbsR: means.acrossGroups,
    blockScores,
    seedBand: means.absR === null ? null : verdictOf(means.absR, SEED_BAND),
    referenceBand:
      means.absR === null || band === null
        ? null
        : { ...band, verdict: verdictOf(means.absR, band) },
    effectiveRank: outChannels <= rankChannels ? effectiveRankOf(correlation) : null,
    participation: pairs.participation,
    deadChannels: correlation.dead,
    duplicateChannels: pairs.duplicates,
    ...spreadOf(moments),
    matrix: pairs.matrix,
  };
}

/** |r| of n independent pairs is sqrt(2 / (pi n)) on average; pictures measured to have more, count for fewer. */
function nullOf(
  observations: number,
  measured: number | null,
): { absR: number; observations: number } {
  const independent = Math.sqrt(2 / (Math.PI * observations));
  const absR = Math.min(1, Math.max(independent, measured ?? 0));
  return { absR, observations: 2 / (Math.PI * absR ** 2) };
}

function spreadOf(moments: Moments): Pick<ChannelSummary, "std" | "relativeStd"> {
  const { channels, mean } = moments;
  const variance = sum(moments.std().map((std) => std ** 2)) / channels;
  const meanSquare = variance + sum(mean.map((value) => value ** 2)) / channels;
  const std = Math.sqrt(variance);
  return { std, relativeStd: meanSquare > 0 ? std / Math.sqrt(meanSquare) : null };
}
