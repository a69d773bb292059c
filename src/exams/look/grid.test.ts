import { expect, it } from "vitest";
import { type Model, parseModel } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { Session } from "../../runtime/index.js";
import { Rng, toFloat64 } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import type { ExamData } from "../exam-data.js";
import { examine } from "../examine.js";
import { tensorData } from "../tensor-data.js";

const [SAMPLES, CHANNELS, SIDE, STEP] = [2, 8, 30, 4];
const GRID = Math.ceil(SIDE / STEP);

/** What plain runs of the model write at every fourth row and column: `[C][observations]`. */
async function seenOf(model: Model, data: ExamData, name: string): Promise<number[][]> {
  const copy = copyModel(model);
  copy.graph.outputs.splice(0, Infinity, copy.graph.find(name)!);
  const session = await Session.create(copy);
  const { dtype, bytes, size } = (await session.run(await data.batch(0)))[name];
  await session.release();
  const numbers = toFloat64(dtype, bytes, size);
  return range(CHANNELS).map((channel) =>
    range(SAMPLES).flatMap((sample) =>
      range(SIDE * SIDE)
        .filter((i) => Math.floor(i / SIDE) % STEP === 0 && (i % SIDE) % STEP === 0)
        .map((i) => numbers[(sample * CHANNELS + channel) * SIDE * SIDE + i]),
    ),
  );
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

it.each([
  // In blocks of channels a pooling picks the grid; in order it is gathered, sliced from version 10 on.
  ["float16", 17, "Relu"],
  ["float16", 17, "Elu"],
  ["float16", 9, "Elu"],
  ["float", 9, "Relu"],
  ["float", 9, "Elu"],
])(
  "the grid of a %s network of version %d, behind %s, is that of a plain run",
  async (dtype, opset, activation) => {
    const model = parseModel(`
    net (${dtype}[N, 4, ${SIDE}, ${SIDE}] x) => (y) <${dtype}[${CHANNELS}, 4, 3, 3] w> {
      a = Conv<pads = [1, 1, 1, 1]>(x, w) y = ${activation}(a) }`);
    model.opsets.set("", opset);
    const data = await tensorData(model, new Rng(1).normal([SAMPLES, 4, SIDE, SIDE]));
    const observations = SAMPLES * GRID * GRID;
    const report = await examine(model, data, {
      exams: ["look"],
      look: { maxObservations: observations },
    });
    expect(report.exams[0].reason).toBeNull();
    const [{ step, output, after }] = report.sections.look!.layers;
    expect([step, output.observations, after!.observations]).toEqual([
      STEP,
      observations,
      observations,
    ]);
    // Numbers of 11 bits; the whole network in one run rounds them where its parts do not.
    const digits = dtype === "float16" ? 3 : 5;
    for (const [name, found] of [
      ["a", output],
      ["y", after!],
    ] as const) {
      const wanted = plainly(await seenOf(model, data, name));
      expect(found.meanR).toBeCloseTo(wanted.meanR, digits);
      expect(found.std! / wanted.std).toBeCloseTo(1, digits);
      expect(Math.abs(wanted.meanR)).toBeGreaterThan(0.005);
    }
  },
);
