import { describe, expect, it } from "vitest";
import { runModel } from "../../tests/support/run-model.js";
import { type Model, parseModel } from "../graph/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { inferShapes } from "../runtime/index.js";
import { tensor } from "../tensor/index.js";
import { product, range } from "../util/math.js";
import { constantTensor } from "./constant-tensor.js";
import { findConvolutions } from "./convolution.js";
import { findParallelConvolutions } from "./parallel-convolutions.js";

interface Variant {
  /** What takes `x` [1, 6, 8, 8] apart into a, b and c. */
  split?: string;
  /** Attributes of the three convolutions. */
  attributes?: readonly [string, string, string];
  op?: string;
  weights?: readonly [string, string, string];
  inputs?: readonly [string, string, string];
  concat?: string;
  outputs?: string;
  after?: string;
}

const bounds = `int64[1] i0 = {0}, int64[1] i1 = {1}, int64[1] i2 = {2}, int64[1] i3 = {3}, int64[1] i4 = {4},
  int64[1] i5 = {5}, int64[1] i6 = {6}, int64[1] n4 = {-4}, int64[1] last = {9223372036854775807}, int64[1] last32 = {2147483647}`;

/** Three convolutions of 2 channels each, beside each other. */
function spelledOut(variant: Variant = {}): Model {
  const {
    split = "a, b, c = Split<axis = 1>(x)",
    attributes = ["pads = [1, 1, 1, 1]", "pads = [1, 1, 1, 1]", "pads = [1, 1, 1, 1]"],
    op = "Conv",
    weights = ["float[4, 2, 3, 3]", "float[4, 2, 3, 3]", "float[4, 2, 3, 3]"],
    inputs = ["a, wa", "b, wb", "c, wc"],
    concat = "Concat<axis = 1>(p, q, r)",
    outputs = "float[] y",
    after = "",
  } = variant;
  return parseModel(`<opset_import: ["" : 17]>
    g (float[1, 6, 8, 8] x) => (${outputs})
    <${weights.map((type, i) => `${type} w${"abc"[i]}`).join(", ")}, float[4] bias, ${bounds}> {
      ${split}
      p = ${op}<${attributes[0]}>(${inputs[0]})
      q = ${op}<${attributes[1]}>(${inputs[1]})
      r = ${op}<${attributes[2]}>(${inputs[2]})
      y = ${concat}
      ${after}
    }`);
}

const sliced = (ends: readonly [string, string, string], axes = "i1", more = "") => `
  a = Slice(x, i0, ${ends[0]}, ${axes}${more})
  b = Slice(x, i2, ${ends[1]}, ${axes}${more})
  c = Slice(x, i4, ${ends[2]}, ${axes}${more})`;

async function parallelIn(model: Model, withShapes = true) {
  const shapes = withShapes ? await inferShapes(model) : null;
  return findParallelConvolutions(findConvolutions(model, shapes), shapes);
}

const found: Readonly<Record<string, Variant>> = {
  "one Split": {},
  "axes counted from the end": {
    split: "a, b, c = Split<axis = -3>(x)",
    concat: "Concat<axis = -3>(p, q, r)",
  },
  "a Slice for each part": { split: sliced(["i2", "i4", "i6"]) },
  "Slices to the end": { split: sliced(["i2", "i4", "last"]) },
  biases: { inputs: ["a, wa, bias", "b, wb, bias", "c, wc, bias"] },
  "strides and dilations": {
    attributes: [
      "strides = [2, 1], dilations = [1, 2]",
      "dilations = [1, 2], strides = [2, 1]",
      "strides = [2, 1], dilations = [1, 2]",
    ],
  },
  "transposed convolutions": {
    op: "ConvTranspose",
    weights: ["float[2, 3, 2, 2]", "float[2, 3, 2, 2]", "float[2, 3, 2, 2]"],
    attributes: ["strides = [2, 2]", "strides = [2, 2]", "strides = [2, 2]"],
  },
  "convolutions of two groups each": {
    weights: ["float[4, 1, 3, 3]", "float[4, 1, 3, 3]", "float[4, 1, 3, 3]"],
    attributes: ["group = 2", "group = 2", "group = 2"],
  },
};

const coded = (from: string, to: string) =>
  `${to}q = QuantizeLinear(${from}, scale) ${to} = DequantizeLinear(${to}q, scale)`;

const quantised = (more = "") =>
  parseModel(`g (float[1, 6, 8, 8] x) => (float[] y)
    <int8[4, 2, 3, 3] wa, int8[4, 2, 3, 3] wb, int8[4, 2, 3, 3] wc, float scale = {0.1}> {
      ${["a", "b", "c"].map((part) => `f${part} = DequantizeLinear(w${part}, scale) ${coded(part, `d${part}`)}`).join("\n")}
      a, b, c = Split<axis = 1>(x)
      p = Conv(da, fa)  q = Conv(db, fb)  r = Conv(dc, fc)
      ${coded("p", "pd")} ${coded("q", "qd")} ${coded("r", "rd")} ${more}
      y = Concat<axis = 1>(pd, qd, rd)
    }`);

const notFound: Readonly<Record<string, Variant>> = {
  "parts joined in another order": { concat: "Concat<axis = 1>(q, p, r)" },
  "parts joined along the height": { concat: "Concat<axis = 2>(p, q, r)" },
  "parts cut along the height": {
    split: "a, b, c = Split<axis = 2>(x6)\n x6 = Slice(x, i0, i6, i2)",
    weights: ["float[4, 6, 1, 1]", "float[4, 6, 1, 1]", "float[4, 6, 1, 1]"],
    attributes: ["strides = [1, 1]", "strides = [1, 1]", "strides = [1, 1]"],
  },
  "one part read twice": { inputs: ["a, wa", "a, wb", "c, wc"] },
  "other pads": {
    attributes: ["pads = [0, 0, 2, 2]", "pads = [1, 1, 1, 1]", "pads = [1, 1, 1, 1]"],
  },
  "other counts of outputs": {
    weights: ["float[4, 2, 3, 3]", "float[2, 2, 3, 3]", "float[6, 2, 3, 3]"],
  },
  "a bias in one alone": { inputs: ["a, wa, bias", "b, wb", "c, wc"] },
  "a part returned too": { outputs: "float[] y, float[] q" },
  "a part read elsewhere": { outputs: "float[] z", after: "z = Concat<axis = 1>(y, q)" },
  "something between": { concat: "Concat<axis = 1>(p, q, s)", after: "s = Relu(r)" },
  "something joined that is no convolution": { concat: "Concat<axis = 1>(p, q, r, x)" },
  "a weight from data": {
    inputs: ["a, wa", "b, wb", "c, wd"],
    after:
      "d = Slice(x, i0, i2, i1)\n e = Slice(d, i0, i3, i2)\n f = Slice(e, i0, i3, i3)\n h = Concat<axis = 0>(f, f, f, f)\n wd = Relu(h)",
  },
  "a part nobody convolves": {
    split:
      "a, b, c, d = Split<axis = 1>(x8)\n x8 = Concat<axis = 1>(x, o)\n o = Slice(x, i0, i2, i1)",
  },
  "Slices that overlap": { split: sliced(["i2", "i4", "i6"]).replace("x, i2, i4", "x, i1, i3") },
  "Slices that leave channels out": {
    split: `${sliced(["i2", "i4", "i6"]).replaceAll("(x,", "(x8,")}\n x8 = Concat<axis = 1>(x, x)`,
  },
  "Slices that leave a gap": {
    split: `x8 = Concat<axis = 1>(x, o)
      o = Slice(x, i0, i2, i1)
      a = Slice(x8, i0, i2, i1)
      b = Slice(x8, i2, i4, i1)
      c = Slice(x8, i6, last, i1)`,
  },
  "Slices of two values": {
    split: `${sliced(["i2", "i4", "i6"]).replace("(x, i4", "(x7, i4")}\n x7 = Relu(x)`,
  },
  "two Slices and a part from elsewhere": {
    split: `x4 = Slice(x, i0, i4, i1)
      a = Slice(x4, i0, i2, i1)
      b = Slice(x4, i2, i4, i1)
      c = Relu(a)`,
  },
  "Slices in steps": {
    split: `x8 = Concat<axis = 1>(x, o)
      o = Slice(x, i0, i2, i1)
      a = Slice(x8, i0, i2, i1)
      b = Slice(x8, i2, i4, i1)
      c = Slice(x8, i4, last, i1, i2)`,
  },
};

describe("findParallelConvolutions", () => {
  it("finds them with a QuantizeLinear and a DequantizeLinear before and behind each", async () => {
    const [found] = await parallelIn(quantised());
    expect(found.convolutions.map(({ name }) => name)).toEqual(["p", "q", "r"]);
    expect([found.input.name, found.output.name, found.groups]).toEqual(["x", "y", 3]);
    expect(await parallelIn(quantised("other = Identity(qdq)"))).toEqual([]);
  });

  it.each(Object.entries(found))(
    "finds %s, which one convolution does as well",
    async (_, variant) => {
      const model = spelledOut(variant);
      const [parallel, ...rest] = await parallelIn(model);
      expect(rest).toEqual([]);
      const { convolutions, input, output, groups, splits, concat } = parallel;
      expect(convolutions.map(({ y }) => y.name)).toEqual(["p", "q", "r"]);
      expect([input.name, output.name]).toEqual(["x", "y"]);
      expect(concat.outputs).toEqual([output]);
      expect(new Set(splits)).toEqual(new Set(convolutions.map(({ x }) => x.producer)));
      expect(groups).toBe(3 * convolutions[0].groups);

      const merged = newModel("merged");
      const g = new GraphBuilder(merged.graph);
      const join = async (index: number) => {
        const parts = convolutions.map(({ node }) => constantTensor(node.inputs[index]!)!);
        const data = await Promise.all(parts.map((part) => part.load()));
        const [first, ...shape] = parts[0].shape;
        const joined = Float32Array.from(data.flatMap((bytes) => [...floats(bytes)]));
        return g.constant(tensor(joined, [3 * first, ...shape]));
      };
      const attributes = Object.fromEntries(convolutions[0].node.attributes);
      const bias = convolutions[0].hasBias ? [await join(2)] : [];
      const x = g.input("x", [1, 6, 8, 8]);
      g.output(
        g.op(convolutions[0].op, [x, await join(1), ...bias], { ...attributes, group: groups }),
      );
      const data = tensor(Float32Array.from(range(product([6, 8, 8])), Math.sin), [1, 6, 8, 8]);
      const [expected] = Object.values(await runModel(model, data));
      const [actual] = Object.values(await runModel(merged, data));
      expect(actual.shape).toEqual(expected.shape);
      const furthest = Math.max(...actual.data.map((y, i) => Math.abs(y - expected.data[i])));
      expect(furthest).toBeLessThan(1e-6);
      expect(Math.max(...expected.data)).toBeGreaterThan(0.01);
    },
  );

  it.each(Object.entries(notFound))("finds nothing in %s", async (_, variant) => {
    expect(await parallelIn(spelledOut(variant))).toEqual([]);
  });

  it("needs shapes to know that Slices with an end reach it", async () => {
    const parallel = (ends: readonly [string, string, string]) =>
      parallelIn(spelledOut({ split: sliced(ends) }), false);
    expect(await parallel(["i2", "i4", "i6"])).toEqual([]);
    expect(await parallel(["i2", "i4", "last"])).toHaveLength(1);
    expect(await parallel(["i2", "i4", "last32"])).toHaveLength(1);
  });

  it("finds nothing in Slices along the height, even where its sizes would do", async () => {
    const model = parseModel(`g (float[1, 4, 8, 8] x) => (float[] y)
      <float[2, 4, 1, 1] wa, float[2, 4, 1, 1] wb, ${bounds}> {
        a = Slice(x, i0, i4, i2)
        b = Slice(x, i4, last, i2)
        p = Conv(a, wa)
        q = Conv(b, wb)
        y = Concat<axis = 1>(p, q)
      }`);
    expect(await parallelIn(model, false)).toEqual([]);
  });

  it("finds nothing in a convolution beside a transposed one", async () => {
    const model = parseModel(`g (float[1, 4, 8, 8] x) => (float[] y)
      <float[2, 2, 1, 1] wa, float[2, 2, 1, 1] wb> {
        a, b = Split<axis = 1>(x)
        p = Conv(a, wa)
        q = ConvTranspose(b, wb)
        y = Concat<axis = 1>(p, q)
      }`);
    expect(await parallelIn(model)).toEqual([]);
  });

  it("leaves quantised convolutions alone: each has scales of its own", async () => {
    const model = parseModel(`g (uint8[1, 4, 8, 8] x) => (uint8[] y)
      <uint8[2, 2, 1, 1] wa, uint8[2, 2, 1, 1] wb, float s = {0.1}, uint8 z = {0}> {
        a, b = Split<axis = 1>(x)
        p = QLinearConv(a, s, z, wa, s, z, s, z)
        q = QLinearConv(b, s, z, wb, s, z, s, z)
        y = Concat<axis = 1>(p, q)
      }`);
    expect(await parallelIn(model)).toEqual([]);
  });

  it("finds Slices written before opset 10, and a Split in one part is no parting", async () => {
    const old = parseModel(`<opset_import: ["" : 9]>
      g (float[1, 4, 8, 8] x) => (float[] y) <float[2, 2, 1, 1] wa, float[2, 2, 1, 1] wb> {
        a = Slice<axes = [1], starts = [0], ends = [2]>(x)
        b = Slice<axes = [1], starts = [2], ends = [4]>(x)
        p = Conv(a, wa)
        q = Conv(b, wb)
        y = Concat<axis = 1>(p, q)
      }`);
    expect(await parallelIn(old)).toMatchObject([{ groups: 2 }]);
    const single = parseModel(`g (float[1, 4, 8, 8] x) => (float[] y) <float[2, 4, 1, 1] w> {
      a = Split<axis = 1>(x)
      p = Conv(a, w)
      y = Concat<axis = 1>(p)
    }`);
    expect(await parallelIn(single)).toEqual([]);
  });
});

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
