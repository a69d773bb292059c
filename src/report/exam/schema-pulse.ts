import * as z from "zod";
import { amount, count, list, record, skipped, spread } from "./schema-parts.js";

const effect = {
  name: z.string(),
  relativeError: amount.nullable(),
  relativeErrorSpread: spread.nullable(),
};

const trial = record({
  way: z.enum(["ungroup", "cut", "reordered", "fitted"]),
  groups: count,
  keptEnergy: amount,
  explained: z.number().nullable(),
  explainedSpread: spread.nullable(),
  macs: amount.nullable(),
  outputs: list(
    record({
      ...effect,
      top1Agreement: amount.nullable(),
      top1AgreementInterval: z.tuple([amount, amount]).readonly().nullable(),
      top1Samples: count.nullable(),
    }),
  ),
  next: list(
    record({
      ...effect,
      meanAbsRBefore: amount.nullable(),
      sdAbsRBefore: amount.nullable(),
      meanAbsRAfter: amount.nullable(),
      sdAbsRAfter: amount.nullable(),
    }),
  ),
  latency: record({ beforeMs: spread, afterMs: spread, ratio: spread.nullable() }),
});

const layer = record({
  name: z.string(),
  op: z.string(),
  outChannels: count,
  groups: count,
  channelsPerGroup: z.number(),
  macs: amount.nullable(),
  trials: list(trial),
});

export const pulseSchema = record({
  layers: list(layer),
  samples: count,
  synthetic: z.boolean(),
  budgetMs: amount,
  elapsedMs: amount,
  trials: count,
  untried: count,
  skipped,
});
