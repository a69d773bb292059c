import { expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { fusedNodes } from "./fused-nodes.js";

/** Names of the nodes whose work each node of the optimised graph does. */
function work(model: string, optimised: string): Record<string, string[]> {
  const [original, { graph }] = [parseModel(model).graph, parseModel(optimised)];
  return Object.fromEntries(
    [...fusedNodes(original, graph)].map(([node, nodes]) => [
      node.name,
      nodes.map(({ name }) => name),
    ]),
  );
}

const W = "<float[8, 8, 3, 3] w, float[8, 8, 3, 3] v>";

it("finds what was fused by the value that is left, and copies nobody's", () => {
  const model = `net (float[1, 8, 8, 8] x) => (y) ${W} {
    [c] a = Conv(x, w)
    [r] b = Relu(a)
    [d] e = Conv(b, v)
    [p] y = Sqrt(e)
  }`;
  const optimised = `net (float[1, 8, 8, 8] x) => (y) ${W} {
    [in] t0 = com.microsoft.nchwc.ReorderInput(x)
    [b_nchwc] t1 = com.microsoft.nchwc.Conv<activation = "Relu">(t0, w)
    [e_nchwc_token_7] t2 = com.microsoft.nchwc.Conv(t1, v)
    [out] e = com.microsoft.nchwc.ReorderOutput(t2)
    [p] y = Sqrt(e)
  }`;
  expect(work(model, optimised)).toEqual({
    in: [],
    b_nchwc: ["r", "c"],
    e_nchwc_token_7: ["d"],
    out: [],
    p: ["p"],
  });
});

it("follows a sum and an activation into the convolution that keeps its own name", () => {
  const model = `net (float[1, 8, 8, 8] x) => (y) ${W} {
    [c] a = Conv(x, w)
    [d] e = Conv(a, v)
    [s] f = Add(e, a)
    [r] g = Relu(f)
    [q] y = Conv(g, v)
  }`;
  const optimised = `net (float[1, 8, 8, 8] x) => (y) ${W} {
    [a_nchwc] t1 = com.microsoft.nchwc.Conv(x, w)
    [e_nchwc] t2 = com.microsoft.nchwc.Conv<activation = "Relu">(t1, v, , t1)
    [y_nchwc] t3 = com.microsoft.nchwc.Conv(t2, v)
    [out] y = com.microsoft.nchwc.ReorderOutput(t3)
  }`;
  expect(work(model, optimised)).toMatchObject({
    a_nchwc: ["c"],
    e_nchwc: ["r", "s", "d"],
    y_nchwc: ["q"],
  });
});

it("gives what was computed ahead of time, and constants, to nobody", () => {
  const model = `net (float[8] x) => (y) <float[8] k> {
    [n] m = Neg(k)
    one = Constant<value = float[1] {1}>()
    [a] h = Add(x, m)
    [b] y = Mul(h, one)
  }`;
  const optimised = `net (float[8] x) => (y) <float[8] m> { [a] y = Add(x, m) }`;
  expect(work(model, optimised)).toEqual({ a: ["b", "a"] });
});

it("finds what runs channels last, by the value that is copied back or by its name", () => {
  const model = `net (float[1, 8, 8, 8] x) => (y)
    <float s, uint8 z, int8[8, 8, 1, 1] w, int8 n> {
    q = QuantizeLinear(x, s, z)
    d = DequantizeLinear(q, s, z)
    v = DequantizeLinear(w, s, n)
    [first] a = Conv(d, v)
    [relu] r = Relu(a)
    [q1] e = QuantizeLinear(r, s, z)
    [d1] f = DequantizeLinear(e, s, z)
    [second] g = Conv(f, v)
    [q2] h = QuantizeLinear(g, s, z)
    [d2] i = DequantizeLinear(h, s, z)
    [own] y = Transpose<perm = [0, 2, 3, 1]>(i)
  }`;
  const optimised = `net (float[1, 8, 8, 8] x) => (y) <float s, uint8 z, int8[8, 8, 1, 1] w, int8 n> {
    [q] q = QuantizeLinear(x, s, z)
    [Transpose] t0 = Transpose<perm = [0, 2, 3, 1]>(q)
    [first_token_3] t1 = com.microsoft.QLinearConv<channels_last = 1>(t0, s, z, w, s, n, s, z)
    [second_token_5] t2 = com.microsoft.QLinearConv<channels_last = 1>(t1, s, z, w, s, n, s, z)
    [Transpose_2] h = Transpose<perm = [0, 3, 1, 2]>(t2)
    [d2] i = DequantizeLinear(h, s, z)
    [own] y = Transpose<perm = [0, 2, 3, 1]>(i)
  }`;
  expect(work(model, optimised)).toMatchObject({
    Transpose: [],
    first_token_3: expect.arrayContaining(["first"]),
    second_token_5: expect.arrayContaining(["q2", "second"]),
    Transpose_2: [],
    d2: ["d2"],
    own: ["own"],
  });
});

it("finds what runs in float32 for want of float16 kernels, and gives no work to casts", () => {
  const model = `net (float16[1, 8, 8, 8] x) => (y) <float16[8, 8, 3, 3] w> {
    [c] a = Conv(x, w)
    [r] b = Relu(a)
    [d] e = Conv(b, w)
    [t] y = Transpose(e)
  }`;
  const optimised = `net (float16[1, 8, 8, 8] x) => (y) ${W} {
    [cast] InsertedPrecisionFreeCast_x = Cast<to = 1>(x)
    [in] t0 = com.microsoft.nchwc.ReorderInput(InsertedPrecisionFreeCast_x)
    [InsertedPrecisionFreeCast_b_nchwc] t1 = com.microsoft.nchwc.Conv<activation = "Relu">(t0, w)
    [out] t2 = com.microsoft.nchwc.ReorderOutput(t1)
    [d] InsertedPrecisionFreeCast_e = Conv(t2, v)
    [back] e = Cast<to = 10>(InsertedPrecisionFreeCast_e)
    [t] y = Transpose(e)
  }`;
  expect(work(model, optimised)).toEqual({
    cast: [],
    in: [],
    InsertedPrecisionFreeCast_b_nchwc: ["r", "c"],
    out: [],
    d: ["d"],
    back: [],
    t: ["t"],
  });
});
