import type { ChannelSummary, LookLayer, LookSection } from "../../src/exams/index.js";

/** A layer of 16 living channels with nothing the matter, but for what is given. */
export function lookLayer(
  layer: Partial<Omit<LookLayer, "output" | "after">> & {
    output?: Partial<ChannelSummary>;
    after?: Partial<ChannelSummary>;
  } = {},
): LookLayer {
  const { output = {}, after, ...rest } = layer;
  return {
    name: "conv",
    op: "Conv",
    kind: "dense",
    outChannels: 16,
    groups: 1,
    channelsPerGroup: 16,
    positions: 64,
    positionsSeen: 64,
    through: [],
    normDrift: null,
    output: summary(output),
    after: after ? summary(after) : null,
    ...rest,
  };
}

export function lookSection(...layers: LookLayer[]): LookSection {
  return { layers, synthetic: false, skipped: [], passes: 1 };
}

function summary(given: Partial<ChannelSummary>): ChannelSummary {
  return {
    observations: 512,
    meanR: 0,
    sdR: 0.22,
    meanAbsR: 0.2,
    sdAbsR: 0.1,
    nullAbsR: 0.05,
    sdNullAbsR: 0.04,
    effectiveObservations: 255,
    withinGroupsAbsR: 0.2,
    sdWithinGroupsAbsR: 0.11,
    acrossGroupsAbsR: null,
    sdAcrossGroupsAbsR: given.acrossGroupsAbsR ? 0.06 : null,
    blockScores: [],
    seedBand: "below",
    referenceBand: null,
    effectiveRank: 12,
    effectiveRankHalves: [11.5, 12.25],
    participation: 10,
    participationSpread: { median: 10, low: 9, high: 11, samples: 16 },
    deadChannels: [],
    duplicateChannels: [],
    std: 1,
    stdSpread: { median: 1, low: 0.8, high: 1.1, samples: 16 },
    relativeStd: 1,
    relativeStdSpread: { median: 1, low: 0.9, high: 1, samples: 16 },
    matrix: { size: 1, channelsPerCell: 16, cells: "AA==" },
    ...given,
  };
}
