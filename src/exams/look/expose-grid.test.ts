import { describe, expect, it } from "vitest";
import { type Model, parseModel } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { Session } from "../../runtime/index.js";
import { Rng, toFloat64 } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import type { ExamData } from "../exam-data.js";
import { examine } from "../examine.js";
import { tensorData } from "../tensor-data.js";
import { gridOf, gridPositions } from "./grid.js";
import type { ChannelSummary } from "./section.js";

const [SAMPLES, BATCH, CHANNELS, SIDE] = [5, 2, 8, 30];
const SEEN = 64; // of each sample: 8 x 8 of 30 x 30

/** What plain runs of the model write at these positions of each sample: `[C][observations]`. */
async function seenOf(
  model: Model,
  data: ExamData,
  name: string,
  positionsOf: (sample: number) => readonly number[],
): Promise<number[][]> {
  const copy = copyModel(model);
  copy.graph.outputs.splice(0, Infinity, copy.graph.find(name)!);
  const session = await Session.create(copy);
  const rows: number[][] = range(CHANNELS).map(() => []);
  let sample = 0;
  for (const index of range(data.batchCount)) {
    const { dtype, bytes, size, shape } = (await session.run(await data.batch(index)))[name];
    const numbers = toFloat64(dtype, bytes, size);
    const area = size / shape[0] / CHANNELS;
    for (const own of range(shape[0])) {
      const positions = positionsOf(sample++);
      for (const channel of range(CHANNELS))
        for (const at of positions)
          rows[channel].push(numbers[(own * CHANNELS + channel) * area + at]);
    }
  }
  await session.release();
  return rows;
}

const mean = (numbers: readonly number[]) => sum(numbers) / numbers.length;

/** Mean r over pairs of channels, and root of their mean variance, plainly in float64. */
function plainly(rows: readonly (readonly number[])[]): { meanR: number; std: number } {
  const centred = rows.map((row) => row.map((value) => value - mean(row)));
  const product = (a: number, b: number) => mean(centred[a].map((v, i) => v * centred[b][i]));
  const variance = centred.map((_, i) => product(i, i));
  const r = centred.flatMap((_, a) =>
    range(a + 1, centred.length).map((b) => product(a, b) / Math.sqrt(variance[a] * variance[b])),
  );
  return { meanR: mean(r), std: Math.sqrt(mean(variance)) };
}

describe("what is seen of a value", () => {
  const grid = gridOf([SIDE, SIDE], SEEN);
  const ofEach = (sample: number) => gridPositions([SIDE, SIDE], grid, sample);
  const ofBatch = (sample: number) => ofEach(sample - (sample % BATCH));

  it.each([
    ["float16", 17, "Relu", ofEach],
    ["float16", 11, "Elu", ofEach],
    ["float", 17, "Elu", ofEach],
    // Without GatherElements all samples of a batch are seen where its first one is.
    ["float16", 9, "Elu", ofBatch],
    ["float", 9, "Relu", ofBatch],
  ])(
    "in %s, version %d, behind %s, is what a plain run writes there",
    async (dtype, opset, activation, positionsOf) => {
      const model = parseModel(`
        net (${dtype}[N, 4, ${SIDE}, ${SIDE}] x) => (y) <${dtype}[${CHANNELS}, 4, 3, 3] w> {
          a = Conv<pads = [1, 1, 1, 1]>(x, w) y = ${activation}(a) }`);
      model.opsets.set("", opset);
      const x = new Rng(1).normal([SAMPLES, 4, SIDE, SIDE]);
      const data = await tensorData(model, x, { batchSize: BATCH });
      const report = await examine(model, data, {
        exams: ["look"],
        look: { maxObservations: SAMPLES * SEEN },
      });
      expect(report.exams[0].reason).toBeNull();
      const [{ positionsSeen, positions, output, after }] = report.sections.look!.layers;
      expect([positionsSeen, positions]).toEqual([SEEN, SIDE * SIDE]);
      // Numbers of 11 bits; the whole network in one run rounds them where its parts do not.
      const digits = dtype === "float16" ? 3 : 5;
      for (const [name, found] of [
        ["a", output],
        ["y", after!],
      ] as [string, ChannelSummary][]) {
        expect(found.observations).toBe(SAMPLES * SEEN);
        const wanted = plainly(await seenOf(model, data, name, positionsOf));
        expect(found.meanR).toBeCloseTo(wanted.meanR, digits);
        expect(found.std / wanted.std).toBeCloseTo(1, digits);
        expect(Math.abs(wanted.meanR!)).toBeGreaterThan(0.005);
      }
    },
  );

  it("is of every row where a sample of the data has become several", async () => {
    const model = parseModel(`
      net (float[N, 24, 8, 8] x) => (y) <float[${CHANNELS}, 8, 1, 1] w, int64[4] s = {-1, 8, 8, 8}> {
        rows = Reshape(x, s) y = Conv(rows, w) }`);
    const x = new Rng(2).normal([SAMPLES, 24, 8, 8]);
    const data = await tensorData(model, x, { batchSize: BATCH });
    const rows = 3 * SAMPLES;
    const report = await examine(model, data, {
      exams: ["look"],
      look: { maxObservations: rows * 16 },
    });
    const [{ positionsSeen, output }] = report.sections.look!.layers;
    expect([positionsSeen, output.observations]).toEqual([16, rows * 16]);
    const seen = await seenOf(model, data, "y", (row) => gridPositions([8, 8], [4, 4], row));
    expect(output.meanR).toBeCloseTo(plainly(seen).meanR, 5);
  });

  // 5 samples in batches of 3 and 2: 9 and 4 pairs. 6 samples in batches of 4 and 2: 4 rows and 4.
  it.each([
    [
      "pairs of samples",
      "a = Unsqueeze(x, first) b = Unsqueeze(x, second) p = Sub(a, b) rows = Reshape(p, s)",
      3,
      13,
    ],
    ["as many as it is", "m = ReduceMean<axes = [0], keepdims = 1>(x) rows = Tile(m, four)", 4, 8],
  ])("is of every row where a smaller batch has %s", async (_, body, batchSize, rows) => {
    const model = parseModel(`
      net (float[N, 8, 6, 6] x) => (y)
      <float[${CHANNELS}, 8, 1, 1] w, int64[1] first = {0}, int64[1] second = {1}, int64[4] s = {-1, 8, 6, 6},
        int64[4] four = {4, 1, 1, 1}> { ${body} y = Conv(rows, w) }`);
    model.opsets.set("", 17);
    const samples = batchSize === 3 ? 5 : 6;
    const data = await tensorData(model, new Rng(5).normal([samples, 8, 6, 6]), { batchSize });
    const { sections } = await examine(model, data, {
      exams: ["look"],
      look: { maxObservations: 16 * samples },
    });
    const [{ positionsSeen, output }] = sections.look!.layers;
    expect([positionsSeen, output.observations]).toEqual([16, 16 * rows]);
  });

  it("is all where the rows of a batch are not its samples", async () => {
    const model = parseModel(`
      net (float[3, 8, 8, 8] x) => (y) <float[${CHANNELS}, 8, 1, 1] w, int64[1] two = {2}, int64[2] halves = {2, 1}> {
        rows, rest = Split<axis = 0>(x, halves) y = Conv(rows, w) }`);
    model.opsets.set("", 17);
    const data = await tensorData(model, new Rng(3).normal([3, 8, 8, 8]));
    const report = await examine(model, data, { exams: ["look"], look: { maxObservations: 32 } });
    const [{ positionsSeen, output }] = report.sections.look!.layers;
    expect([positionsSeen, output.observations]).toEqual([64, 128]);
  });
});

// A transposed convolution of stride 2 writes other numbers into even rows and columns than into odd ones: here what
// the two channels have in common at even places is turned round at odd ones.
it("a grid sees all phases of what a transposed convolution writes", async () => {
  const model = parseModel(`
    net (float[N, 2, 16, 16] x) => (y) <float[2, 2, 2, 2] w = {
      1, 1, 1, 1,  1, -1, -1, 1,
      0.1, 0.1, 0.1, 0.1,  0.1, 0.1, 0.1, 0.1 }> { y = ConvTranspose<strides = [2, 2]>(x, w) }`);
  const data = await tensorData(model, new Rng(4).normal([64, 2, 16, 16]));
  const look = async (maxObservations: number) => {
    const report = await examine(model, data, { exams: ["look"], look: { maxObservations } });
    return report.sections.look!.layers[0].output.meanR!;
  };
  const all = await look(Infinity);
  expect(Math.abs(all)).toBeLessThan(0.05); // one phase alone: 0.98 or -0.98
  expect(Math.abs((await look(64 * 64)) - all)).toBeLessThan(0.15);
});
