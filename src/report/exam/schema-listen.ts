import * as z from "zod";
import { amount, count, list, names, record, sizes, skipped, spread } from "./schema-parts.js";

const size = { meanAbs: amount, rms: amount, meanAbsSpread: spread, rmsSpread: spread };
const magnitude = record(size);

const layer = record({
  name: z.string(),
  op: z.string(),
  outChannels: count,
  groups: count,
  channelsPerGroup: z.number(),
  output: magnitude,
  weight: magnitude,
  perGroup: record({
    outputMeanAbs: sizes,
    sdOutputMeanAbs: sizes.nullable(),
    outputRms: sizes,
    sdOutputRms: sizes.nullable(),
    weightMeanAbs: sizes,
    sdWeightMeanAbs: sizes.nullable(),
    weightRms: sizes,
    sdWeightRms: sizes.nullable(),
    outputShare: sizes.nullable(),
    weightShare: sizes.nullable(),
    outputShareLeast: sizes.nullable(),
    outputShareMost: sizes.nullable(),
    weightShareLeast: sizes.nullable(),
    weightShareMost: sizes.nullable(),
    readRms: sizes,
    sdReadRms: sizes.nullable(),
    writtenRms: sizes,
    sdWrittenRms: sizes.nullable(),
    normalised: list(amount.nullable()),
    normalisedLeast: list(amount.nullable()),
    normalisedMost: list(amount.nullable()),
  }),
  deadGroups: sizes,
  dense: record({
    withinRms: amount,
    acrossRms: amount,
    withinRmsSpread: spread.nullable(),
    acrossRmsSpread: spread.nullable(),
    ratio: amount.nullable(),
    ratioSpread: spread.nullable(),
  }).nullable(),
  elasticity: amount,
  elasticitySpread: spread,
  next: names,
  ratioToNext: amount.nullable(),
  ratioToNextSpread: spread.nullable(),
});

export const listenSchema = record({
  target: record({ values: names, label: z.number().nullable(), beforeSoftmax: names }),
  inputs: list(record({ ...size, name: z.string() })),
  layers: list(layer),
  samples: count,
  batchSize: count,
  synthetic: z.boolean(),
  skipped,
  passes: count,
});
