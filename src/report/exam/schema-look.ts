import * as z from "zod";
import {
  amount,
  count,
  list,
  names,
  record,
  sizes,
  skipped,
  spread,
  verdictInBand,
} from "./schema-parts.js";

const number = z.number().nullable();

const summary = record({
  observations: count,
  meanR: number,
  sdR: number,
  meanAbsR: number,
  sdAbsR: number,
  nullAbsR: number,
  sdNullAbsR: number,
  effectiveObservations: number,
  withinGroupsAbsR: number,
  sdWithinGroupsAbsR: number,
  acrossGroupsAbsR: number,
  sdAcrossGroupsAbsR: number,
  blockScores: list(record({ groups: count, score: z.number(), sdScore: amount })),
  seedBand: verdictInBand.nullable(),
  referenceBand: record({ low: z.number(), high: z.number(), verdict: verdictInBand }).nullable(),
  effectiveRank: number,
  effectiveRankHalves: z.tuple([amount, amount]).readonly().nullable(),
  participation: number,
  participationSpread: spread.nullable(),
  deadChannels: sizes,
  duplicateChannels: sizes,
  std: amount,
  stdSpread: spread,
  relativeStd: number,
  relativeStdSpread: spread.nullable(),
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
    shift: spread,
    worstShift: amount,
    varianceRatio: spread,
    driftedChannels: sizes,
  }).nullable(),
});

export const lookSchema = record({
  layers: list(layer),
  synthetic: z.boolean(),
  skipped,
  passes: count,
});
