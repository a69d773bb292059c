import { expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { range } from "../util/math.js";
import { sharedInputs } from "./shared-input.js";

const sharedOf = (text: string) =>
  [...sharedInputs(parseModel(text).graph.inputs)].map(({ name }) => name);

it.each([
  [
    "weight and bias of a convolution",
    "m (float[N, 4, 8, 8] x, float[4, 2, 3, 3] w, float[4] b) => (y) { y = Conv<group = 2>(x, w, b) }",
    ["w", "b"],
  ],
  [
    "a weight that is made from two inputs on its way",
    `m (float[N, 4, 8, 8] x, float[4, 4] up, float[4, 4] down) => (y) <int64[4] s> {
      u = Mul(up, down)
      w = Reshape(u, s)
      y = Conv(x, w)
    }`,
    ["up", "down"],
  ],
  [
    "a quantised weight and its scale",
    `m (float[N, 4, 8, 8] x, int8[4, 4, 1, 1] w, float s) => (y) {
      f = DequantizeLinear(w, s)
      y = Conv(x, f)
    }`,
    ["w", "s"],
  ],
  [
    "statistics of a norm, a slope, a matrix, a bias of a matrix, and a shape",
    `m (float[N, 4] x, float[4] a, float[4] b, float[4] c, float[4] d, float[4] e, float[4, 5] f, float[5, 6] g, float[6] h, int64[2] i) => (y) {
      n = BatchNormalization(x, a, b, c, d)
      p = PRelu(n, e)
      m = MatMul(p, f)
      q = Gemm(m, g, h)
      y = Reshape(q, i)
    }`,
    ["a", "b", "c", "d", "e", "f", "g", "h", "i"],
  ],
  [
    "a matrix that is turned on its side, of no shape in the file",
    `m (float[N, 4] x, float16[5, 4] w) => (y) {
      f = Cast<to = 1>(w)
      t = Transpose(f)
      y = MatMul(x, t)
    }`,
    ["w"],
  ],
  ["a number without axes", "m (float[N, 4] x, float s) => (y) { y = Mul(x, s) }", ["s"]],
  [
    "nothing that is added to data, or is data elsewhere, too",
    `m (float[N, 4, 8, 8] x, float[N, 4, 8, 8] mask, float[4, 4, 1, 1] w) => (y, z) {
      m = Mul(x, mask)
      y = Conv(m, w)
      z = Conv(w, w)
    }`,
    [],
  ],
  [
    "no template that a network makes kernels of",
    `m (float[N, 4, 8, 8] x, float[1, 4, 8, 8] template) => (y) <float[4, 4, 8, 8] k> {
      w = Conv(template, k)
      y = Conv(x, w)
    }`,
    [],
  ],
  ["no batched product", "m (float[N, 4, 4] a, float[N, 4, 4] b) => (y) { y = MatMul(a, b) }", []],
  ["nothing that is an output", "m (float[N, 4] x, float[4, 4] w) => (w) { y = MatMul(x, w) }", []],
  [
    "nothing that a fused convolution adds",
    `<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
    m (float[N, 4, 8, 8] x, float[N, 4, 8, 8] z, float[4, 4, 1, 1] w, float[4] b) => (y) {
      y = com.microsoft.FusedConv(x, w, b, z)
    }`,
    ["w", "b"],
  ],
])("%s", (_, text, shared) => {
  expect(sharedOf(text)).toEqual(shared);
});

it("walks a way that many inputs share once", () => {
  const count = 40_000;
  const names = range(count).map((i) => `w${i}`);
  const sums = range(1, count).map((i) => `a${i} = Add(${i === 1 ? "w0" : `a${i - 1}`}, w${i})`);
  const inputs = names.map((name) => `float[4, 4, 1, 1] ${name}`);
  const model = `m (float[N, 4, 8, 8] x, ${inputs.join(", ")}) => (y) {
    ${sums.join("\n")}
    y = Conv(x, a${count - 1})
  }`;
  expect(sharedOf(model)).toEqual(names);
});
