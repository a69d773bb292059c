import * as z from "zod";
import { amount, count, list, names, record, sizes, spread } from "./schema-parts.js";

const path = z.enum(["fast", "depthwise", "slow", "unsupported", "unknown"]);
const layout = z.enum(["blocked", "plain"]);

const node = record({
  name: z.string(),
  op: z.string(),
  provider: z.string(),
  nodes: names,
  layer: z.string().nullable(),
  ms: spread,
  share: amount,
  macs: amount,
  bytes: amount,
  intensity: amount,
  gigaflopsPerSecond: amount,
  gigabytesPerSecond: amount,
  bound: z.enum(["compute", "memory"]),
  ceilingShare: amount,
});

const profile = record({
  runs: count,
  sessions: count,
  wholeMs: spread,
  nodeSumMs: spread,
  unexplainedMs: spread,
  noiseMs: amount,
  ceilings: record({
    gigaflopsPerSecond: amount,
    gigabytesPerSecond: amount,
    gigaflopsPerSecondSpread: spread,
    gigabytesPerSecondSpread: spread,
  }),
  nodes: list(node),
});

const elementType = z.enum(["float32", "float16", "uint8", "int8"]);

const configuration = record({
  op: z.enum(["Conv", "ConvTranspose", "QLinearConv", "ConvInteger"]),
  dataType: elementType,
  weight: record({
    dtype: elementType,
    source: z.enum(["constant", "dequantised", "computed"]),
    scales: z.enum(["layer", "channel"]).nullable(),
  }),
  inShape: sizes,
  outShape: sizes,
  kernel: sizes,
  strides: sizes,
  dilations: sizes,
  pads: sizes,
  outputPadding: sizes,
  bias: z.boolean(),
  activation: z.string().nullable(),
  before: layout,
  after: layout,
});

const configurationSweep = record({
  configuration,
  rounds: count,
  settled: z.boolean(),
  fromCache: z.boolean(),
  fixedMs: amount.nullable(),
  fixedMsSpread: spread.nullable(),
  counts: list(
    record({
      groups: count,
      channelsPerGroup: z.number(),
      macs: amount,
      path,
      ms: spread,
      promised: amount,
      measured: amount,
      measuredSpread: spread,
      rank: count,
      ties: sizes,
    }),
  ),
  refused: list(record({ groups: count, reason: z.string() })),
});

const layerSweep = record({
  name: z.string(),
  groups: count,
  channelsPerGroup: z.number(),
  configuration: count,
  ms: spread,
  path,
  choices: list(
    record({
      groups: count,
      way: z.enum(["keep", "pack", "retrain"]),
      ms: spread,
      macs: amount,
      path,
      differenceMs: spread,
      noiseMs: amount,
      verdict: z.enum(["faster", "same", "slower"]),
    }),
  ),
  fastest: count,
  cheapestNotSlower: count,
});

export const askSchema = record({
  machine: record({
    cpu: z.string(),
    cores: count,
    threads: z.number().nullable(),
    runtime: z.string(),
    target: z.string(),
    browser: z.string().nullable(),
    adapter: z.string().nullable(),
    clock: z.enum(["wall", "processor"]),
  }),
  profile: profile.nullable(),
  sweep: record({
    budgetMs: amount,
    elapsedMs: amount,
    configurations: list(configurationSweep),
    layers: list(layerSweep),
    unswept: list(record({ layer: z.string(), reason: z.string() })),
  }),
});
