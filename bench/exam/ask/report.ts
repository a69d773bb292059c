import { describeConfiguration } from "../../../src/exams/ask/kind.js";
import type { LayerSweep, ProfileSection, SweepSection } from "../../../src/exams/index.js";
import { sum } from "../../../src/util/math.js";
import { median } from "../../../src/util/statistics.js";
import { describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";
import type { PathCounts } from "./path-grid.js";
import { LEAST_MS, type Repeat } from "./repeat.js";

export interface Measured {
  readonly name: string;
  readonly load: string;
  readonly profile: ProfileSection;
  readonly sweeps: readonly [SweepSection, SweepSection];
  readonly repeats: readonly Repeat[];
}

export interface Setting {
  readonly threads: number;
  readonly budgetSeconds: number;
  readonly clock: string;
}

/** Layers of each network in the table of curves. */
const MOST_LAYERS = 8;

export function report(
  paths: readonly PathCounts[],
  measured: readonly Measured[],
  { threads, budgetSeconds, clock }: Setting,
): string {
  const shapes = sum(paths.map(({ agrees, differs, notShown }) => agrees + differs + notShown));
  const repeats = measured.flatMap((one) => one.repeats);
  const medians = repeats.map((repeat) => repeat.rankCorrelation);
  const ranked = repeats.map((repeat) => repeat.withTies).filter((one) => !Number.isNaN(one));
  return [
    "# Ask: what the examination's numbers are good for",
    "",
    `${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}, ${threads} thread(s).`,
    "",
    "## Predicted paths against the graph that runs",
    "",
    `${shapes} shapes: one to three dimensions, all group counts, strides, dilations.`,
    "",
    markdownTable(
      ["predicted", "agrees", "differs", "not shown"],
      paths.map(({ path, agrees, differs, notShown }) => [path, agrees, differs, notShown]),
    ),
    "",
    "## Nodes against the whole",
    "",
    "Median of one run without the profiler, of the sum over its nodes, and of what the nodes leave of it: run by run,",
    "then over the sessions, for each of which the model is loaded anew. The noise is three standard errors of the",
    "latter, of fewer than six sessions their range; and as much of what the profiler takes, times the nodes.",
    "",
    markdownTable(
      [
        "network",
        "runs",
        "sessions",
        "nodes",
        "whole, ms",
        "nodes, ms",
        "left, ms",
        "noise, ms",
        "left of the whole",
        "load",
      ],
      measured.map(({ name, load, profile }) => [
        name,
        profile.runs,
        profile.sessions,
        profile.nodes.length,
        profile.wholeMs.median.toFixed(2),
        profile.nodeSumMs.median.toFixed(2),
        profile.unexplainedMs.median.toFixed(2),
        profile.noiseMs.toFixed(2),
        `${((100 * profile.unexplainedMs.median) / profile.wholeMs.median).toFixed(1)} %`,
        load,
      ]),
    ),
    "",
    "## Two sweeps, one after the other",
    "",
    `The two longest layers of each network with groups and the two longest without; configurations with layers over ${LEAST_MS} ms;`,
    `at most ${budgetSeconds} s a sweep, no cache, ${clock} clock. Rank correlation (Spearman) over group counts: of the median`,
    "times as they are, and of the ranks in the report, where counts that cannot be told apart share one (no number",
    "where all do). Told apart: pairs of counts that both sweeps tell apart, and how many they have the other way round.",
    "",
    `Medians: median ${median(medians).toFixed(3)}, least ${Math.min(...medians).toFixed(3)}, at least 0.9 in ${medians.filter((r) => r >= 0.9).length} of ${medians.length}. Ranks with ties: median ${median(ranked).toFixed(3)}, least ${Math.min(...ranked).toFixed(3)}, at least 0.9 in ${ranked.filter((r) => r >= 0.9).length} of ${ranked.length}.`,
    "",
    markdownTable(
      [
        "network",
        "configuration",
        "rounds",
        "settled",
        "medians",
        "ranks with ties",
        "told apart",
        "other way round",
      ],
      measured.flatMap(({ name, repeats }) =>
        repeats.map(({ first, second, ...repeat }) => [
          name.split(",")[0],
          describeConfiguration(first.configuration),
          `${first.rounds}, ${second.rounds}`,
          [first, second].every((one) => one.settled) ? "both" : "no",
          repeat.rankCorrelation.toFixed(3),
          Number.isNaN(repeat.withTies) ? "" : repeat.withTies.toFixed(3),
          repeat.toldApart,
          repeat.contrary,
        ]),
      ),
    ),
    "",
    "## What counting promises and what the clock says",
    "",
    "The longest layers with groups, in the first sweep. Promised and measured are the speed-up over dense.",
    "",
    markdownTable(
      [
        "layer",
        "G",
        "ms",
        "dense, ms",
        "promised",
        "measured",
        "fastest G",
        "fastest that computes the same",
      ],
      measured.flatMap(({ name, sweeps: [sweep] }) =>
        layersOf(sweep).map((layer) => row(name, layer)),
      ),
    ),
    "",
  ].join("\n");
}

function layersOf({ layers }: SweepSection): LayerSweep[] {
  const grouped = layers.filter(({ groups }) => groups > 1);
  const first = new Map(grouped.map((layer) => [`${layer.configuration} ${layer.groups}`, layer]));
  return [...first.values()].sort((a, b) => b.ms.median - a.ms.median).slice(0, MOST_LAYERS);
}

function row(network: string, layer: LayerSweep): (string | number)[] {
  const dense = layer.choices.find(({ groups }) => groups === 1)!;
  const packs = layer.choices.filter(({ way, verdict }) => way === "pack" && verdict === "faster");
  const [best] = packs.sort((a, b) => a.differenceMs.median - b.differenceMs.median);
  const fastest = layer.choices.find(({ groups }) => groups === layer.fastest)!;
  return [
    `${network.split(",")[0]} ${layer.name}`,
    layer.groups,
    layer.ms.median.toFixed(3),
    dense.ms.median.toFixed(3),
    layer.groups,
    (dense.ms.median / layer.ms.median).toFixed(1),
    `${fastest.groups} (${fastest.ms.median.toFixed(3)})`,
    best ? `${best.groups} (${best.ms.median.toFixed(3)})` : "this one",
  ];
}
