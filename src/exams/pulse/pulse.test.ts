import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Model, parseModel } from "../../graph/index.js";
import { Rng, type Tensor, tensor } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import { type ExamineOptions, examine } from "../examine.js";
import { syntheticData } from "../synthetic-data.js";
import { tensorData } from "../tensor-data.js";
import type { PulseSection, Trial, Way } from "./section.js";

async function pulseOf(
  model: Model,
  x: Tensor,
  pulse: ExamineOptions["pulse"] = {},
  options: ExamineOptions = {},
): Promise<PulseSection> {
  const report = await examine(model, await tensorData(model, x, { batchSize: 2 }), {
    ...options,
    exams: ["pulse"],
    pulse,
  });
  expect(report.exams[0].reason).toBeNull();
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  return report.sections.pulse!;
}

function trialOf(section: PulseSection, layer: string, way: Way, groups: number): Trial {
  const { trials } = section.layers.find(({ name }) => name === layer)!;
  const trial = trials.find((one) => one.way === way && one.groups === groups);
  if (!trial) throw new Error(`${layer} has no trial ${way} into ${groups}`);
  return trial;
}

/** Normal weights, variances from 0.5. */
function withWeights(model: Model, seed: number): Model {
  const rng = new Rng(seed);
  for (const value of model.graph.initializers) {
    const numbers = rng.fork(value.name).normal([...value.initializer!.shape], 0, 0.3);
    value.initializer = value.name.startsWith("variance")
      ? tensor(
          numbers.data.map((v) => 0.5 + Math.abs(v)),
          numbers.shape,
        )
      : numbers;
  }
  return model;
}

/** A stem, a layer to be cut between norms, a head; channels of the middle are free. */
const network = (middle = "") =>
  parseModel(`
    m (float[N, 3, 6, 6] x) => (scores) <
      float[8, 3, 3, 3] w1, float[8] scale1, float[8] bias1, float[8] mean1, float[8] variance1,
      float[8, 8, 3, 3] w2, float[8] scale2, float[8] bias2, float[8] mean2, float[8] variance2,
      float[5, 8, 1, 1] w3> {
      [stem] a1 = Conv<pads = [1, 1, 1, 1]>(x, w1)
      b1 = BatchNormalization(a1, scale1, bias1, mean1, variance1) r1 = Relu(b1)
      [middle] a2 = Conv<pads = [1, 1, 1, 1]${middle}>(r1, w2)
      b2 = BatchNormalization(a2, scale2, bias2, mean2, variance2) r2 = Relu(b2)
      [head] a3 = Conv(r2, w3)
      p = GlobalAveragePool(a3) scores = Flatten(p) }`);

const pictures = new Rng(9).normal([4, 3, 6, 6]);

it("is what a hand finds", async () => {
  // y1 = 3 a + 4 b, y2 = a + 2 b for (a, b) = (1, 1) and (2, -1): y = (7, 3) and (2, 0).
  const model = parseModel(`
    m (float[N, 2, 1, 1] x) => (y) <float[2, 2, 1, 1] w = {3, 4, 1, 2}> {
      [conv] a = Conv(x, w) y = Flatten(a) }`);
  const section = await pulseOf(model, tensor([1, 1, 2, -1], [2, 2, 1, 1]));
  // Cut in two: y1 = 3 a, y2 = 2 b: (3, 2) and (6, -2). Off by (4, 1) and (4, 2): 37 of 49 + 9 + 4 = 62.
  const { groups, keptEnergy, outputs, next, macs, explained } = trialOf(section, "conv", "cut", 2);
  expect({ groups, next, macs, explained }).toEqual({
    groups: 2,
    next: [],
    macs: 4,
    explained: null,
  });
  expect(keptEnergy).toBeCloseTo(13 / 30, 12); // 9 + 4 of 9 + 16 + 1 + 4
  // Each sample by itself: 17 of 58, and 20 of 4; the quartiles lie a quarter of the way in.
  const [first, second] = [Math.sqrt(17 / 58), Math.sqrt(20 / 4)];
  const between = (part: number) => expect.closeTo(first + part * (second - first), 6);
  expect(outputs).toEqual([
    {
      name: "y",
      relativeError: expect.closeTo(Math.sqrt(37 / 62), 6),
      relativeErrorSpread: {
        median: between(0.5),
        low: between(0.25),
        high: between(0.75),
        samples: 2,
      },
      top1Agreement: 1,
      // Of two alike of two: (1 + z² / 4 ∓ z² / 4) / (1 + z² / 2) for z = 1.96.
      top1AgreementInterval: [expect.closeTo(1 / (1 + 1.96 ** 2 / 2), 4), expect.closeTo(1, 9)],
      top1Samples: 2,
    },
  ]);
});

it("compares outputs of whole numbers, and outputs that the layer itself writes", async () => {
  // The hand's network again: y = (7, 3) and (2, 0), cut (3, 2) and (6, -2); the first is always the largest.
  const model = parseModel(`
    m (float[N, 2, 1, 1] x) => (y, best) <float[2, 2, 1, 1] w = {3, 4, 1, 2}> {
      [conv] y = Conv(x, w) best = ArgMax<axis = 1, keepdims = 0>(y) }`);
  const section = await pulseOf(model, tensor([1, 1, 2, -1], [2, 2, 1, 1]));
  expect(trialOf(section, "conv", "cut", 2).outputs).toMatchObject([
    { name: "y", relativeError: expect.closeTo(Math.sqrt(37 / 62), 6), top1Agreement: null },
    { name: "best", relativeError: 0, top1Agreement: null },
  ]);
});

it("counts the samples whose largest score stays the largest", async () => {
  // y1 = 2 b, y2 = a: cut in two, both are 0, and the first counts as largest.
  const model = parseModel(`
    m (float[N, 2, 1, 1] x) => (y) <float[2, 2, 1, 1] w = {0, 2, 1, 0}> {
      [conv] a = Conv(x, w) y = Flatten(a) }`);
  const x = tensor([1, 1, 5, 1, 5, 2, 1, 3], [4, 2, 1, 1]); // y2 is the larger in the second and third
  const trial = trialOf(await pulseOf(model, x), "conv", "cut", 2);
  expect(trial.outputs[0]).toMatchObject({ name: "y", relativeError: 1, top1Agreement: 0.5 });
});

describe("controls", () => {
  it.each([
    ["grouped", "Conv", "8, 2", 4],
    ["depthwise", "Conv", "8, 1", 8],
    ["transposed", "ConvTranspose", "8, 2", 4],
  ])("%s, made dense, computes the same", async (_, op, shape, group) => {
    const model = withWeights(
      parseModel(`
        m (float[N, 8, 5, 5] x) => (y) <float[${shape}, 3, 3] w, float[8] b, float[4, 8, 1, 1] w2> {
          [conv] a = ${op}<group = ${group}, strides = [2, 2]>(x, w, b) r = Relu(a) [next] y = Conv(r, w2) }`),
      1,
    );
    const section = await pulseOf(model, new Rng(2).normal([4, 8, 5, 5]));
    const { outputs, next, keptEnergy, macs } = trialOf(section, "conv", "ungroup", 1);
    expect(outputs[0].relativeError).toBeLessThan(1e-6);
    expect(next).toMatchObject([{ name: "next", relativeError: outputs[0].relativeError }]);
    expect(keptEnergy).toBe(1);
    expect(macs).toBe(group * section.layers[0].macs!);
  });
});

describe("a layer that is block-diagonal under another order", () => {
  /** Input channel c belongs to block c mod 4, output channel m to block (m + 1) mod 4. */
  function planted(): Model {
    const model = withWeights(network(), 4);
    const { data } = model.graph.find("w2")!.initializer as Tensor<"float32">;
    for (const i of range(data.length)) {
      const [m, c] = [Math.floor(i / 72), Math.floor(i / 9) % 8];
      if ((m + 1) % 4 !== c % 4) data[i] = 0;
    }
    return model;
  }

  it("loses nothing once its channels are reordered, and much as they are", async () => {
    const section = await pulseOf(planted(), pictures, { layers: ["middle"] });
    for (const groups of [2, 4]) {
      const cut = trialOf(section, "middle", "cut", groups);
      const reordered = trialOf(section, "middle", "reordered", groups);
      expect(cut.outputs[0].relativeError).toBeGreaterThan(0.05);
      expect(reordered.keptEnergy).toBeCloseTo(1, 9);
      expect(reordered.outputs[0].relativeError).toBeLessThan(1e-5);
      expect(reordered.next[0].relativeError).toBeLessThan(1e-5);
      expect(reordered.outputs[0].top1Agreement).toBe(1);
      expect(reordered.macs).toBe(section.layers[0].macs! / groups);
    }
  });

  it("is compared channel by channel with what its neighbours wrote before they moved, too", async () => {
    // Residual sums tie what middle reads to what it writes, and to what next writes.
    const model = withWeights(
      parseModel(`
        m (float[N, 3, 6, 6] x) => (y) <
          float[8, 3, 1, 1] w1, float[8, 8, 3, 3] w2, float[8, 8, 1, 1] w3, float[4, 8, 1, 1] w4> {
          [stem] a = Conv(x, w1)
          [middle] b = Conv<pads = [1, 1, 1, 1]>(a, w2) s = Add(a, b)
          [next] c = Conv(s, w3) t = Add(s, c)
          [head] y = Conv(t, w4) }`),
      4,
    );
    const { data } = model.graph.find("w2")!.initializer as Tensor<"float32">;
    for (const i of range(data.length))
      if (Math.floor(i / 72) % 4 !== Math.floor(i / 9) % 4) data[i] = 0;
    const section = await pulseOf(model, pictures, { layers: ["middle"], groups: [4] });
    const { keptEnergy, outputs, next } = trialOf(section, "middle", "reordered", 4);
    expect(keptEnergy).toBeCloseTo(1, 9);
    expect(outputs[0].relativeError).toBeLessThan(1e-5);
    expect(next.map(({ name }) => name).sort()).toEqual(["head", "next"]);
    for (const { relativeError } of next) expect(relativeError).toBeLessThan(1e-5);
  });
});

it("takes over by a 1x1 convolution what one can, with strides and biases", async () => {
  for (const middle of ["", ", strides = [2, 2]", ", dilations = [1, 1]"]) {
    const model = withWeights(network(middle), 5);
    const { data } = model.graph.find("w2")!.initializer as Tensor<"float32">;
    // Across groups of two, only the middle of the window: a 1x1 convolution's work.
    for (const i of range(data.length)) {
      const [m, c] = [Math.floor(i / 72), Math.floor(i / 9) % 8];
      if (Math.floor(m / 2) !== Math.floor(c / 2) && i % 9 !== 4) data[i] = 0;
    }
    const section = await pulseOf(model, pictures, { layers: ["middle"], groups: [4] });
    const cut = trialOf(section, "middle", "cut", 4);
    const fitted = trialOf(section, "middle", "fitted", 4);
    expect(cut.outputs[0].relativeError).toBeGreaterThan(0.05);
    expect(fitted.outputs[0].relativeError).toBeLessThan(0.05 * cut.outputs[0].relativeError!);
    expect(fitted.explained).toBeGreaterThan(0.99);
    expect(fitted.explainedSpread).toMatchObject({ samples: 8 });
    expect(fitted.explainedSpread!.low).toBeGreaterThan(0.99);
    const positions = middle.includes("strides") ? 9 : 36;
    // [8, 2, 3, 3] and [8, 8, 1, 1] at every position of 2 samples
    expect(fitted.macs).toBe((8 * 2 * 9 + 64) * positions * 2);
  }
});

it("a fitted branch is never worse on the layer's own data than none", async () => {
  const section = await pulseOf(withWeights(network(), 6), pictures, { layers: ["middle"] });
  for (const groups of [2, 4, 8]) {
    const fitted = trialOf(section, "middle", "fitted", groups);
    expect(fitted.explained).toBeGreaterThan(0);
    expect(fitted.next[0].relativeError).toBeLessThan(
      trialOf(section, "middle", "cut", groups).next[0].relativeError!,
    );
  }
});

it("more groups drop more: energy falls, and a linear network's error rises with what is dropped", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const model = withWeights(
        parseModel(`
          m (float[N, 16, 4, 4] x) => (y) <float[16, 16, 1, 1] w> { [conv] y = Conv(x, w) }`),
        seed,
      );
      const section = await pulseOf(model, new Rng(seed).normal([8, 16, 4, 4]));
      const cuts = [2, 4, 8, 16].map((groups) => trialOf(section, "conv", "cut", groups));
      for (const [i, cut] of cuts.entries()) {
        const { relativeError } = cut.outputs[0];
        // White data: the error is the share of energy dropped, up to chance.
        expect(Math.abs(relativeError! - Math.sqrt(1 - cut.keptEnergy))).toBeLessThan(0.1);
        if (i === 0) continue;
        expect(cut.keptEnergy).toBeLessThan(cuts[i - 1].keptEnergy);
        expect(relativeError).toBeGreaterThan(cuts[i - 1].outputs[0].relativeError!);
      }
    }),
    { numRuns: 5 },
  );
});

describe("time", () => {
  it("screens every layer first, then goes on with the most sensitive", async () => {
    const model = withWeights(
      parseModel(`
        m (float[N, 8, 4, 4] x) => (y) <float[8, 8, 3, 3] w1, float[8, 8, 1, 1] w2> {
          [robust] a = Conv<pads = [1, 1, 1, 1]>(x, w1) [sensitive] y = Conv(a, w2) }`),
      7,
    );
    const { data } = model.graph.find("w1")!.initializer as Tensor<"float32">;
    for (const i of range(8)) data[(i * 8 + i) * 9 + 4] = 20; // near diagonal
    const order: string[] = [];
    const section = await pulseOf(
      model,
      new Rng(1).normal([2, 8, 4, 4]),
      {},
      { onProgress: ({ what }) => order.push(what) },
    );
    const names = order.map((what) => what.split(",")[0]);
    const times = (name: string, n: number) => Array<string>(n).fill(name);
    expect(names).toEqual([
      ...times("robust", 3), // the most operations: cut, reordered, fitted
      ...times("sensitive", 2), // a window of 1 is not fitted
      ...times("sensitive", 4),
      ...times("robust", 6),
      "15 trials",
    ]);
    expect([section.trials, section.untried]).toEqual([15, 0]);
  });

  it("ends with the budget, and says what it did not reach", async () => {
    const model = withWeights(network(), 8);
    const report = await examine(model, await tensorData(model, pictures), {
      exams: ["pulse"],
      pulse: { budgetMs: 1e-6 },
    });
    const { trials, untried, layers } = report.sections.pulse!;
    expect(untried).toBe(trials);
    expect(sum(layers.map((layer) => layer.trials.length))).toBe(0);
    expect(report.notes.at(-1)).toContain("not reached within the budget");
  });

  it("is given up between two trials", async () => {
    const model = withWeights(network(), 8);
    const controller = new AbortController();
    const running = examine(model, await tensorData(model, pictures), {
      exams: ["pulse"],
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 2) controller.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
  });

  it("times the whole network before and after, and says what the next layers' channels become", async () => {
    const model = withWeights(network(), 8);
    const data = await tensorData(model, pictures, { batchSize: 2 });
    const report = await examine(model, data, {
      exams: ["pulse", "look"],
      look: { maxObservations: Number.POSITIVE_INFINITY },
    });
    const { pulse, look } = report.sections;
    const outputOf = new Map(look!.layers.map(({ name, output }) => [name, output]));
    const trials = pulse!.layers.flatMap((layer) => layer.trials);
    expect(trials.length).toBeGreaterThan(3);
    for (const { way, next, latency } of trials) {
      expect(latency.ratio!.samples).toBe(4);
      expect(latency.beforeMs.low).toBeGreaterThan(0);
      expect(latency.ratio!.low).toBeLessThanOrEqual(latency.ratio!.high);
      for (const { name, meanAbsRBefore, sdAbsRBefore, meanAbsRAfter, sdAbsRAfter } of next) {
        expect(meanAbsRBefore).toBeCloseTo(outputOf.get(name)!.meanAbsR!, 4);
        expect(sdAbsRBefore).toBeCloseTo(outputOf.get(name)!.sdAbsR!, 4);
        if (way !== "ungroup") continue;
        expect(meanAbsRAfter).toBeCloseTo(meanAbsRBefore!, 4);
        expect(sdAbsRAfter).toBeCloseTo(sdAbsRBefore!, 4);
      }
    }
    const moved = trials.flatMap(({ way, next }) => (way === "cut" ? next : []));
    expect(
      moved.some(({ meanAbsRBefore, meanAbsRAfter }) => meanAbsRBefore !== meanAbsRAfter),
    ).toBe(true);
  });

  it("is not made where two networks would not fit into the memory", async () => {
    const model = withWeights(
      parseModel(`
        m (float[N, 512, 4, 4] x) => (y) <float[512, 512, 1, 1] w> { [conv] y = Conv(x, w) }`),
      1,
    );
    const data = await syntheticData(model, { samples: 2 });
    const report = await examine(model, data, { exams: ["pulse"], memoryBytes: 2 ** 21 });
    // twice 512 * 512 weights and 2 * 512 * 4 * 4 values of 4 bytes
    expect(report.exams[0].reason).toBe(
      "pulse: the network and the changed one, open at once, take about 2228224 bytes, which must be at most memoryBytes=2097152; smaller batches take less",
    );
  });

  it("never has more time left than its budget", async () => {
    const model = withWeights(network(), 8);
    const left: number[] = [];
    await examine(model, await tensorData(model, pictures), {
      exams: ["pulse"],
      pulse: { budgetMs: 5000 },
      onProgress: ({ what }) =>
        left.push(...(/, (\d+) s left$/.exec(what)?.slice(1).map(Number) ?? [])),
    });
    expect(left.length).toBeGreaterThan(3);
    expect(Math.max(...left)).toBeLessThanOrEqual(5);
  });
});

describe("what is refused, in a sentence", () => {
  const reason = async (text: string, pulse: ExamineOptions["pulse"] = {}) => {
    const model = parseModel(text);
    const data = await syntheticData(model, { samples: 2 });
    return (await examine(model, data, { exams: ["pulse"], pulse })).exams[0].reason;
  };
  const plain = "m (float[N, 4, 8, 8] x) => (y) <float[4, 4, 1, 1] w> { [conv] y = Conv(x, w) }";

  it.each([
    [plain, { budgetMs: 0 }, "pulse: budgetMs=0 must be over 0"],
    [plain, { groups: [1] }, "pulse: groups=1 must be a whole number from 2"],
    [plain, { groups: [3] }, "conv: no other count divides its channels"],
    [plain, { layers: ["con"] }, 'layers="con" is no convolution whose groups can be changed'],
    [plain.replaceAll("float[", "float16["), {}, "conv: its weight is float16"],
    ["m (float[N, 4, 8, 8] x) => (y) { y = Relu(x) }", {}, "the model has no convolution"],
  ])("%s %j", async (text, options, message) => {
    expect(await reason(text, options)).toContain(message);
  });
});

it.each([9, 12, 18, 21])("opset %d", async (opset) => {
  const model = withWeights(network(", strides = [2, 2]"), 5);
  model.opsets.set("", opset);
  const section = await pulseOf(model, pictures, { layers: ["middle"], groups: [4] });
  expect(section.layers[0].trials.map(({ way }) => way)).toEqual(["cut", "reordered", "fitted"]);
});
