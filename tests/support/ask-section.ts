import { survey } from "../../src/analysis/index.js";
import { findConfigurations } from "../../src/exams/ask/configuration.js";
import type { AskSection } from "../../src/exams/ask/index.js";
import { predictPath } from "../../src/exams/ask/kernel-path.js";
import { configurationSweep, layerSweep } from "../../src/exams/ask/layer-sweep.js";
import { parseModel } from "../../src/graph/index.js";
import { range } from "../../src/util/math.js";
import { spreadOf } from "../../src/util/statistics.js";

export interface TimedLayer {
  /** Group count of the layer, of 64 channels in and out. */
  readonly groups: number;
  /** Milliseconds by group count; counts that are not named take `otherMs`. */
  readonly ms: Readonly<Record<number, number>>;
  readonly otherMs?: number;
  /** Every round is longer or shorter by up to this. */
  readonly noiseMs?: number;
  /** What the neighbours and the call take on top. */
  readonly fixedMs?: number;
  /** Its weight is an input of the model, not a constant. */
  readonly isComputed?: boolean;
  /** Defaults to `ort-cpu`. */
  readonly target?: string;
}

/** What the exam `ask` would measure of one 3x3 layer whose times are known, with blocks of 8 channels. */
export async function askSection(layer: TimedLayer): Promise<AskSection> {
  const { groups, ms, otherMs = 100, noiseMs = 0, fixedMs = 0, target = "ort-cpu" } = layer;
  const weight = `float[64, ${64 / groups}, 3, 3] w`;
  const [free, constant] = layer.isComputed ? [`, ${weight}`, ""] : ["", `<${weight}>`];
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
  net (float[1, 64, 8, 8] x${free}) => (y) ${constant} {
    [conv] y = Conv<group = ${groups}, pads = [1, 1, 1, 1]>(x, w)
  }`);
  const surveyed = await survey(model, { target: "ort-cpu", blockSize: 8 });
  const facts = await surveyed.get("fastPaths");
  const [{ configuration, layers }] = findConfigurations(
    surveyed.convolutions,
    facts,
    surveyed.model,
  ).configured;
  const counts = [1, 2, 4, 8, 16, 32, 64];
  // each count drifts on its own, so that the noise is in the differences, too
  const rounds = range(12).map((round) =>
    counts.map(
      (count, i) => fixedMs + (ms[count] ?? otherMs) + noiseMs * Math.sin(7 * round + i * i),
    ),
  );
  const fixed = { ms: fixedMs, spread: spreadOf([fixedMs]) };
  const timings = { groups: counts, refused: [], rounds, fixed };
  const swept = { timings, settled: true, fromCache: false };
  const sweep = configurationSweep(configuration, swept, predictPath(8));
  return {
    machine: {
      cpu: "abacus",
      cores: 1,
      threads: 1,
      runtime: "1.30.0",
      target,
      browser: null,
      adapter: null,
      clock: "wall",
    },
    profile: null,
    sweep: {
      budgetMs: 1000,
      elapsedMs: 900,
      configurations: [sweep],
      layers: [layerSweep(layers[0], facts.fastPaths.get(layers[0])!.path, 0, sweep, timings)],
      unswept: [],
    },
  };
}
