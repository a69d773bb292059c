import * as z from "zod";
import {
  amount,
  count,
  list,
  names,
  record,
  sizes,
  skipped,
  verdictInBand,
} from "./schema-parts.js";

const number = z.number().nullable();

const summary = record({
  observations: count,
  meanR: number,
  meanAbsR: number,
  sdAbsR: number,
  nullAbsR: number,
  effectiveObservations: number,
  withinGroupsAbsR: number,
  acrossGroupsAbsR: number,
  blockScores: list(record({ groups: count, score: z.number() })),
  seedBand: verdictInBand.nullable(),
  referenceBand: record({ low: z.number(), high: z.number(), verdict: verdictInBand }).nullable(),
  effectiveRank: number,
  participation: number,
  deadChannels: sizes,
  duplicateChannels: sizes,
  std: amount,
  relativeStd: number,
  matrix: record({ size: count, channelsPerCell: count, cells: z.string() }),
});

const layer = record({
  name: z.string(),
  op: z.string(),
  kind: z.enum(["depthwise", "pointwise", "dense", "grouped"]),
  outChannels: count,
  groups: count,
  channelsPerGroup: z.number(),
  positions: count,
  positionsSeen: count,
  output: summary,
  after: summary.nullable(),
  through: names,
  normDrift: record({
    norm: z.string(),
    medianShift: amount,
    worstShift: amount,
    medianVarianceRatio: amount,
    driftedChannels: sizes,
  }).nullable(),
});

export const lookSchema = record({
  layers: list(layer),
  synthetic: z.boolean(),
  skipped,
  passes: count,
});
