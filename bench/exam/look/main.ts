/** Times look on the models of PP-OCRv4 and a ResNeXt-50, on pictures drawn here: writes RESULTS.md. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  type ExamData,
  examine,
  type LookLayer,
  type LookOptions,
} from "../../../src/exams/index.js";
import type { Model } from "../../../src/graph/index.js";
import { Session } from "../../../src/runtime/index.js";
import { median } from "../../../src/util/statistics.js";
import { describeLoad, describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";
import { type Case, cases } from "./cases.js";
import { Peer } from "./peer.js";

const { values } = parseArgs({
  options: {
    /** Part of a network's name; prints, and writes nothing. */
    only: { type: "string" },
  },
});
const ROUNDS = 3;
const COMMAND = "npm run bench:look";

interface Timing {
  readonly plainMs: number;
  readonly lookMs: number;
  /** Of all positions, instead of the default's observations; null where that was not timed. */
  readonly allMs: number | null;
  /** Of the peer: plain inference, and with correlations. */
  readonly peer: readonly [plainMs: number, correlatingMs: number] | null;
}

/** The session made and thrown away: what both sides need before the first batch. */
async function timeSetUp(model: Model): Promise<number> {
  const start = performance.now();
  await (await Session.create(model)).release();
  return performance.now() - start;
}

async function timeLook(
  model: Model,
  data: ExamData,
  look: LookOptions = {},
): Promise<[ms: number, layers: readonly LookLayer[]]> {
  const start = performance.now();
  const report = await examine(model, data, { exams: ["look"], look });
  const ms = performance.now() - start;
  if (!report.sections.look) throw new Error(`look: ${report.exams[0].reason}`);
  return [ms, report.sections.look.layers];
}

async function timePlain(model: Model, data: ExamData): Promise<number> {
  const start = performance.now();
  const session = await Session.create(model);
  for (let index = 0; index < data.batchCount; index++) await session.run(await data.batch(index));
  await session.release();
  return performance.now() - start;
}

const rows: string[][] = [];
const samplingRows: string[][] = [];
const peerRows: string[][] = [];
/** Medians over the rounds, by model and pictures. */
const [lookRatios, peerRatios] = [new Map<string, number>(), new Map<string, number>()];
const folder = mkdtempSync(join(tmpdir(), "groupconv-look-"));
try {
  for await (const one of cases(folder, values.only)) await measure(one);
} finally {
  rmSync(folder, { recursive: true });
}

if (values.only === undefined)
  writeFileSync(fileURLToPath(new URL("RESULTS.md", import.meta.url)), results());

async function measure({ name, file, model, data, isFirst }: Case): Promise<void> {
  const { samples } = data.summary;
  const peer = await Peer.start(name, file, model, data);
  const timings: Timing[] = [];
  let layers = 0;
  let setUpMs = Infinity;
  const load = describeLoad();
  const [, some] = await timeLook(model, data); // the engine compiles
  const [, whole] = await timeLook(model, data, { maxObservations: Infinity });
  samplingRows.push(samplingRow(name, samples, some, whole));
  for (let round = 0; round < ROUNDS; round++) {
    setUpMs = Math.min(setUpMs, await timeSetUp(model));
    const plainMs = await timePlain(model, data);
    const [lookMs, seen] = await timeLook(model, data);
    layers = seen.length;
    let allMs: number | null = null;
    if (isFirst) [allMs] = await timeLook(model, data, { maxObservations: Infinity });
    timings.push({ plainMs, lookMs, allMs, peer: (await peer?.run()) ?? null });
  }
  await peer?.end();
  const what = `${name} with ${samples}`;
  lookRatios.set(what, median(timings.map(({ plainMs, lookMs }) => lookMs / plainMs)));
  rows.push(timingRow(name, data, layers, timings, setUpMs, load));
  if (peer) {
    peerRatios.set(what, median(timings.map(({ lookMs, peer }) => peer![1] / lookMs)));
    peerRows.push(peerRow(name, samples, timings));
  }
  console.log(rows.at(-1)!.join("  "), peer ? peerRows.at(-1)!.join("  ") : "");
}

function timingRow(
  name: string,
  data: ExamData,
  layers: number,
  timings: readonly Timing[],
  setUpMs: number,
  load: string,
): string[] {
  const [shape] = data.summary.inputs.map((input) => input.shape);
  const least = (key: "plainMs" | "lookMs") => Math.min(...timings.map((timing) => timing[key]));
  return [
    name,
    `${data.summary.samples} x ${shape.slice(1).join("x")}`,
    String(layers),
    (setUpMs / 1000).toFixed(2),
    (least("plainMs") / 1000).toFixed(2),
    (least("lookMs") / 1000).toFixed(2),
    ratios(timings.map(({ plainMs, lookMs }) => lookMs / plainMs)),
    ratios(timings.map(({ plainMs, allMs }) => allMs && allMs / plainMs)),
    load.replace("load ", ""),
  ];
}

/** How far mean |r| of what is looked at is off that of all there is, over values larger than look's sample. */
function samplingRow(
  name: string,
  samples: number,
  seen: readonly LookLayer[],
  all: readonly LookLayer[],
): string[] {
  const errors = seen.flatMap((layer, i) => {
    if (layer.positionsSeen === layer.positions) return [];
    return (["output", "after"] as const).flatMap((place) => {
      const [some, whole] = [layer, all[i]].map((one) => one[place]?.meanAbsR ?? null);
      return some === null || whole === null ? [] : [Math.abs(some - whole)];
    });
  });
  const sorted = errors.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(3);
  return [name, String(samples), String(sorted.length), at(0.5), at(0.9), at(1)];
}

function peerRow(name: string, samples: number, timings: readonly Timing[]): string[] {
  const pairs = timings.map(({ lookMs, allMs, peer }) => ({ lookMs, allMs, peer: peer! }));
  return [
    name,
    String(samples),
    (Math.min(...pairs.map(({ peer: [plainMs] }) => plainMs)) / 1000).toFixed(2),
    (Math.min(...pairs.map(({ peer: [, ms] }) => ms)) / 1000).toFixed(2),
    ratios(pairs.map(({ peer: [plainMs, ms] }) => ms / plainMs)),
    ratios(pairs.map(({ lookMs, peer: [, ms] }) => ms / lookMs)),
    ratios(pairs.map(({ allMs, peer: [, ms] }) => allMs && ms / allMs)),
  ];
}

/** Median and range; empty where nothing was timed. */
function ratios(all: readonly (number | null)[]): string {
  const sorted = all.filter((ratio) => ratio !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return "";
  return `${sorted[sorted.length >> 1].toFixed(2)} (${sorted[0].toFixed(2)} to ${sorted.at(-1)!.toFixed(2)})`;
}

function metBy(byModel: ReadonlyMap<string, number>, isMet: (ratio: number) => boolean): string {
  const names = [...byModel].filter(([, ratio]) => isMet(ratio)).map(([name]) => name);
  return names.length === 0 ? "no model meets it" : `met by ${names.join(", ")}`;
}

function results(): string {
  return `# Look

\`${COMMAND}\` on ${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}, ${describeLoad()}.

The bands that look judges by are in [BANDS.md](BANDS.md), made by \`npm run bench:look:bands\`.

## Time

Seconds over all pictures, decoded beforehand, the runtime's loading of the model included, which alone is set-up; the
least of ${ROUNDS} rounds in which all sides take turns, and the median and range of their ratios. Look reads a grid of
large pictures, elsewhere in every picture, of up to 3072 observations of a channel and no more of many pictures, so
that inference outgrows what look adds to it. An exam takes 64 pictures of a folder unless it is told otherwise; here they are cut from the first
few. The last ratio is of all positions. Load is that before the first round.
The target is twice the time of plain inference: ${metBy(lookRatios, (ratio) => ratio <= 2)}.

${markdownTable(
  ["model", "data", "layers", "set-up", "plain", "look", "look / plain", "all / plain", "load"],
  rows,
)}

## What sampling changes

Mean |r| of a value when look reads a grid of it, beside that of all its positions: the difference, over values larger
than the sample.

${markdownTable(["model", "pictures", "values", "median", "nine tenths within", "worst"], samplingRows)}

## Beside numpy

${peerRows.length === 0 ? "Not measured: Python had no PyTorch, onnx or onnxruntime." : peerText()}
`;
}

function peerText(): string {
  return `[peer.py](peer.py) is what people write: every value that look sees goes out of the network, all of it, and to numpy's
\`corrcoef\`. The detector and its kin run in onnxruntime for Python, ResNeXt-50, with random weights, in PyTorch with
forward hooks. Same data, same batches, the same rounds. It computes the matrices only, and of all positions.
The target is a peer five times as slow as look: ${metBy(peerRatios, (ratio) => ratio >= 5)}. Where corrcoef / plain
is less than five no way of looking, which runs the network, too, can meet it.

${markdownTable(
  [
    "model",
    "pictures",
    "plain",
    "corrcoef",
    "corrcoef / plain",
    "corrcoef / look",
    "corrcoef / look of all",
  ],
  peerRows,
)}`;
}
