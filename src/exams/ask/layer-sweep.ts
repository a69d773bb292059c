import type { Convolution } from "../../analysis/index.js";
import type { KernelPath } from "../../groups/index.js";
import { convMacs } from "../../ops/index.js";
import { median, spreadOf } from "../../util/statistics.js";
import { compareTimes, rankTimes } from "./compare.js";
import type { PathOf } from "./kernel-path.js";
import { weightShape } from "./kind.js";
import type {
  Choice,
  Configuration,
  ConfigurationSweep,
  CountTiming,
  LayerSweep,
} from "./section.js";
import type { SweptConfiguration, Timings } from "./sweep.js";

/** The curve of a configuration. @param pathOf Tells the kernel that the target runs. */
export function configurationSweep(
  configuration: Configuration,
  { timings, settled, fromCache }: SweptConfiguration,
  pathOf: PathOf,
): ConfigurationSweep {
  const { groups, refused, rounds, fixed } = timings;
  const denseTimes = ownTimes(timings, 0);
  const dense = median(denseTimes);
  const columns = groups.map((_, i) => rounds.map((round) => round[i]));
  const standings = rankTimes(columns, fixed?.ms);
  const counts = groups.map((count, i): CountTiming => {
    const { rank, ties } = standings[i];
    const times = ownTimes(timings, i);
    const ms = spreadOf(times);
    return {
      groups: count,
      channelsPerGroup: configuration.inShape[1] / count,
      macs: macsOf(configuration, count),
      path: pathOf(configuration, count),
      ms,
      promised: count, // MACs are inverse to groups
      measured: dense / ms.median,
      measuredSpread: spreadOf(times.map((time, round) => denseTimes[round] / time)),
      rank,
      ties: ties.map((tie) => groups[tie]),
    };
  });
  return {
    configuration,
    rounds: rounds.length,
    settled,
    fromCache,
    fixedMs: fixed?.ms ?? null,
    fixedMsSpread: fixed?.spread ?? null,
    counts,
    refused,
  };
}

/** What the timings of its configuration say of a layer whose own count is among them. */
export function layerSweep(
  layer: Convolution,
  path: KernelPath,
  configuration: number,
  sweep: ConfigurationSweep,
  timings: Timings,
): LayerSweep {
  const column = (i: number) => timings.rounds.map((round) => round[i]);
  const present = timings.groups.indexOf(layer.groups);
  const choices = sweep.counts.map((count, i): Choice => {
    const { differenceMs, noiseMs, verdict } = compareTimes(
      column(i),
      column(present),
      timings.fixed?.ms,
    );
    return {
      groups: count.groups,
      way:
        i === present
          ? "keep"
          : canPack(layer, sweep.configuration, count.groups)
            ? "pack"
            : "retrain",
      ms: count.ms,
      macs: count.macs,
      path: i === present ? path : count.path,
      differenceMs,
      noiseMs,
      verdict,
    };
  });
  const keep = choices[present];
  const faster = choices.filter(({ verdict }) => verdict === "faster");
  const fastest = [...faster, keep].sort(
    (a, b) => a.differenceMs.median - b.differenceMs.median,
  )[0];
  const cheapest = choices.filter(({ verdict }) => verdict !== "slower").at(-1) ?? keep;
  return {
    name: layer.name,
    groups: layer.groups,
    channelsPerGroup: layer.channelsPerGroup,
    configuration,
    ms: keep.ms,
    path,
    choices,
    fastest: fastest.groups,
    cheapestNotSlower: cheapest.groups,
  };
}

/** Zeros between groups are written into a constant: as codes, into what stands for zero. */
function canPack(layer: Convolution, configuration: Configuration, count: number): boolean {
  const isConstant = configuration.weight.source !== "computed" || layer.weight !== null;
  return isConstant && layer.groups % count === 0;
}

/** A time under its own noise may come out below zero; there it is as good as nothing. */
const LEAST_MS = 1e-4;

function ownTimes({ rounds, fixed }: Timings, i: number): number[] {
  return rounds.map((round) => Math.max(LEAST_MS, round[i] - (fixed?.ms ?? 0)));
}

function macsOf(configuration: Configuration, groups: number): number {
  const { op, inShape, outShape } = configuration;
  return convMacs(op, weightShape(configuration, groups), inShape, outShape);
}
