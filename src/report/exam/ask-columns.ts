import { kindText } from "../../util/kind-text.js";
import type { Spread } from "../../util/statistics.js";
import { count } from "../../util/text.js";
import { MISSING, percent } from "../format.js";
import type { Column } from "./column.js";
import type { Ask } from "./digest.js";
import { withQuartiles } from "./spread-text.js";

export type ProfiledNode = NonNullable<Ask["profile"]>["nodes"][number];
type ConfigurationSweep = Ask["sweep"]["configurations"][number];

/** Layers of one configuration and one group count: their times are the same. */
export interface SweptLayers {
  readonly names: readonly string[];
  readonly layer: Ask["sweep"]["layers"][number];
  readonly sweep: ConfigurationSweep;
}

/** What was timed, the longest first. */
export function sweptLayers({ sweep }: Ask): SweptLayers[] {
  const rows = new Map<string, SweptLayers & { readonly names: string[] }>();
  for (const layer of sweep.layers) {
    const key = `${layer.configuration} ${layer.groups}`;
    const row = rows.get(key);
    if (row) row.names.push(layer.name);
    else
      rows.set(key, {
        names: [layer.name],
        layer,
        sweep: sweep.configurations[layer.configuration],
      });
  }
  return [...rows.values()].sort((a, b) => b.layer.ms.median - a.layer.ms.median);
}

export const NODE_COLUMNS: readonly Column<ProfiledNode>[] = [
  {
    title: "node",
    align: "left",
    text: ({ layer, nodes, name }) => layer ?? nodes[0] ?? name,
    isName: true,
  },
  { title: "op", align: "left", text: ({ op }) => op, leaves: 3 },
  {
    title: "ms",
    align: "right",
    text: ({ ms }) => milliseconds(ms.median),
    legend: "ms: median of the runs, without what the profiler takes",
  },
  {
    title: "half lie in",
    align: "left",
    text: ({ ms }) => `${milliseconds(ms.low)} to ${milliseconds(ms.high)}`,
    leaves: 5,
  },
  { title: "share", align: "right", text: ({ share }) => percent(share, 1) },
  {
    title: "GFLOP/s",
    align: "right",
    text: ({ macs, gigaflopsPerSecond }) => (macs === 0 ? MISSING : digits(gigaflopsPerSecond)),
    leaves: 2,
  },
  {
    title: "GB/s",
    align: "right",
    text: ({ gigabytesPerSecond }) => digits(gigabytesPerSecond),
    leaves: 4,
  },
  { title: "bound by", align: "left", text: ({ bound }) => bound, leaves: 1 },
  {
    title: "of ceiling",
    align: "right",
    text: ({ ceilingShare }) => percent(ceilingShare, 1),
    leaves: 0,
    legend:
      "of ceiling: speed over what the machine did at most; more where the data stayed in a cache, or it multiplied integers",
  },
];

/** What kind of a convolution a layer is, where one is no Conv of float32. */
const KIND_COLUMN: Column<SweptLayers> = {
  title: "kind",
  align: "left",
  text: ({ sweep }) => kindText(sweep.configuration),
  leaves: 1,
};

export function sweepColumns(rows: readonly SweptLayers[]): readonly Column<SweptLayers>[] {
  const [layer, and, ...rest] = SWEEP_COLUMNS;
  const hasKinds = rows.some((row) => KIND_COLUMN.text(row) !== "Conv");
  return hasKinds ? [layer, and, KIND_COLUMN, ...rest] : SWEEP_COLUMNS;
}

const SWEEP_COLUMNS: readonly Column<SweptLayers>[] = [
  {
    title: "layer",
    align: "left",
    text: ({ names: [first] }) => first,
    isName: true,
  },
  {
    title: "and",
    align: "left",
    text: ({ names }) => (names.length === 1 ? "" : `${names.length - 1} more`),
    leaves: 0,
  },
  { title: "G now", align: "right", text: ({ layer }) => String(layer.groups) },
  {
    title: "ms",
    align: "right",
    text: (row) => withQuartiles(milliseconds(row.layer.ms.median), row.layer.ms, milliseconds),
    legend: "ms: median of the rounds, and in brackets, as behind the clock's, quartiles",
  },
  {
    title: "ms(G)",
    align: "left",
    text: ({ sweep }) => sparkline(sweep.counts.map(({ ms }) => ms.median)),
    isDrawn: true,
    legend: "ms(G): low is fast, on a logarithmic scale, one mark a group count",
  },
  {
    title: "G from, to",
    align: "left",
    text: ({ sweep: { counts } }) => `${counts[0].groups}, ${counts.at(-1)!.groups}`,
    leaves: 4,
  },
  {
    title: "promised",
    align: "right",
    text: (row) => times(own(row)?.promised),
    leaves: 2,
    legend: "promised, clock: how much faster than dense its MACs say, and its time",
  },
  {
    title: "clock",
    align: "right",
    text: (row) =>
      withQuartiles(times(own(row)?.measured), own(row)?.measuredSpread ?? null, digits),
    leaves: 1,
  },
  {
    title: "fastest G",
    align: "right",
    text: fastestText,
    legend: "fastest G: ≈ stands before counts not told apart from it, + before how many more",
  },
  {
    title: "cheapest G",
    align: "right",
    text: ({ layer }) => String(layer.cheapestNotSlower),
    leaves: 3,
    legend: "cheapest G: the fewest MACs of the counts that are not slower",
  },
  {
    title: "rounds",
    align: "left",
    text: ({ sweep }) => (sweep.settled ? String(sweep.rounds) : `${sweep.rounds}, unsettled`),
    legend: "rounds: in each, every count was timed once; unsettled: more may change the ranking",
  },
];

/** `4 layers in 3 configurations, 1 of them timed before, in 12.0 s`. */
export function sweptText({ layers, configurations, elapsedMs }: Ask["sweep"]): string {
  const known = configurations.filter(({ fromCache }) => fromCache).length;
  const before = known > 0 ? `, ${known} of them timed before,` : "";
  return `${count(layers.length, "layer")} in ${count(configurations.length, "configuration")}${before} in ${(elapsedMs / 1000).toFixed(1)} s`;
}

const MOST_TIES = 2;

/** `16 ≈ 64, 128`: the fastest count, and those that cannot be told apart from it. */
export function fastestText({ layer, sweep }: SweptLayers): string {
  const { ties = [] } = sweep.counts.find(({ groups }) => groups === layer.fastest) ?? {};
  if (ties.length === 0) return String(layer.fastest);
  const more = ties.length > MOST_TIES ? `, +${ties.length - MOST_TIES}` : "";
  return `${layer.fastest} ≈ ${ties.slice(0, MOST_TIES).join(", ")}${more}`;
}

const MARKS = "▁▂▃▄▅▆▇█";

/** A mark a group count, on a logarithmic scale from the shortest time to the longest. */
export function sparkline(ms: readonly number[]): string {
  const logs = ms.map((one) => Math.log(Math.max(one, Number.MIN_VALUE)));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const step = (most - least) / (MARKS.length - 1);
  return logs.map((log) => MARKS[step > 0 ? Math.round((log - least) / step) : 0]).join("");
}

function own({ layer, sweep }: SweptLayers): ConfigurationSweep["counts"][number] | undefined {
  return sweep.counts.find(({ groups }) => groups === layer.groups);
}

function times(factor: number | undefined): string {
  return factor === undefined ? MISSING : `${digits(factor)}×`;
}

/** Three significant digits, at most three behind the point: a microsecond. */
export function milliseconds(ms: number): string {
  if (ms > 0 && ms < 0.001) return "< 0.001";
  return ms >= 1 ? digits(ms) : ms.toFixed(3);
}

/** Three significant digits. */
export function digits(n: number): string {
  return Math.abs(n) >= 100 ? n.toFixed(0) : n.toPrecision(3);
}

/** What times depend on: `Xeon, 2 cores, threads as the runtime decides, ONNX Runtime 1.30.0 (ort-cpu)`. */
export function machineText({ machine }: Ask): string {
  const { cpu, cores, threads, runtime, target, browser, adapter, clock } = machine;
  const used = threads === null ? "threads as the runtime decides" : count(threads, "thread");
  const by = clock === "wall" ? "" : ", processor time";
  const where = browser === null ? "" : ` in ${browser}`;
  const on = adapter === null ? "" : ` on ${adapter}`;
  return `${cpu}, ${count(cores, "core")}, ${used}, ONNX Runtime ${runtime} (${target})${where}${on}${by}`;
}

/** One run of the whole model, and what this machine can do. */
export function wholeText({
  runs,
  wholeMs,
  nodeSumMs,
  ceilings,
}: NonNullable<Ask["profile"]>): string[] {
  const {
    gigaflopsPerSecond,
    gigaflopsPerSecondSpread,
    gigabytesPerSecond,
    gigabytesPerSecondSpread,
  } = ceilings;
  const best = (n: number, unit: string, spread: Spread) =>
    withQuartiles(`${digits(n)} ${unit}`, spread, digits);
  return [
    `${milliseconds(wholeMs.median)} ms a batch (${milliseconds(wholeMs.low)} to ${milliseconds(wholeMs.high)}, ${count(runs, "run")}), its nodes ${withQuartiles(milliseconds(nodeSumMs.median), nodeSumMs, milliseconds)} ms`,
    `${best(gigaflopsPerSecond, "GFLOP/s", gigaflopsPerSecondSpread)} and ${best(gigabytesPerSecond, "GB/s", gigabytesPerSecondSpread)} are the most this machine did in ${count(gigaflopsPerSecondSpread.samples, "run")}`,
  ];
}
