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
    meanAbsR: 0.2,
    sdAbsR: 0.1,
    nullAbsR: 0.05,
    effectiveObservations: 255,
    withinGroupsAbsR: 0.2,
    acrossGroupsAbsR: null,
    blockScores: [],
    seedBand: "below",
    referenceBand: null,
    effectiveRank: 12,
    participation: 10,
    deadChannels: [],
    duplicateChannels: [],
    std: 1,
    relativeStd: 1,
    matrix: { size: 1, channelsPerCell: 16, cells: "AA==" },
    ...given,
  };
}
