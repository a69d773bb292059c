import { describe, expect, it } from "vitest";
import { Graph, type Model, type Value } from "../graph/index.js";
import { findTarget, type TargetId } from "../groups/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import type { Shapes } from "../runtime/index.js";
import { full, type NumericDType } from "../tensor/index.js";
import { findConvolutions } from "./convolution.js";
import { type FastPath, predictFastPaths } from "./fast-path.js";

describe("predictFastPaths on ort-cpu", () => {
  it("follows the target's rule where nothing around the layer decides", () => {
    const paths = [1, 2, 8, 16, 64].map((groups) => {
      const { path } = predictOne((b, x) =>
        b.op("Conv", [x, weight(b, [64, 64 / groups, 3, 3])], { group: groups }),
      );
      return path;
    });
    // 64, 32, 8, 4, 1 channels per group against blocks of 8
    expect(paths).toEqual(["fast", "fast", "fast", "slow", "depthwise"]);
  });

  it("does not know 8 channels per group before the block is probed", () => {
    const grouped = (b: GraphBuilder, x: Value) =>
      b.op("Conv", [x, weight(b, [64, 8, 1, 1])], { group: 8 });
    expect(predictOne(grouped, { blockSize: 8 }).path).toBe("fast");
    expect(predictOne(grouped, { blockSize: 16 }).path).toBe("slow");
    expect(predictOne(grouped, { blockSize: null }).path).toBe("unknown");
  });

  it("asks for weights and bias that are constants, or worked out from constants", () => {
    const conv = (w: (b: GraphBuilder) => Value, bias: (b: GraphBuilder) => Value) =>
      predictOne((b, x) => b.op("Conv", [x, w(b), bias(b)]), {
        weightShape: [64, 64, 1, 1],
      }).path;
    const constant = (b: GraphBuilder) => weight(b, [64, 64, 1, 1]);
    const scaled = (b: GraphBuilder) => b.op("Mul", [constant(b), b.scalar(2)]);
    const shaped = (b: GraphBuilder) => b.op("ConstantOfShape", [b.ints([64, 64, 1, 1])]);
    const computed = (b: GraphBuilder) => b.op("Mul", [constant(b), b.input("scale", [1])]);
    const bias = (b: GraphBuilder) => weight(b, [64]);
    const computedBias = (b: GraphBuilder) => b.input("bias", [64]);
    expect(conv(constant, bias)).toBe("fast");
    expect(conv(scaled, bias)).toBe("fast");
    expect(conv(shaped, bias)).toBe("fast");
    expect(conv(computed, bias)).toBe("slow");
    expect(conv(constant, computedBias)).toBe("slow");
  });

  it("warns of a bias that is there and has no name", () => {
    const prediction = predictOne((b, x) => b.op("Conv", [x, weight(b, [64, 64, 1, 1]), null]));
    expect(prediction).toMatchObject({
      path: "slow",
      reason: "its bias is an input with an empty name; leave the input out instead",
    });
  });

  it("asks for weights of the body that the convolution stands in", () => {
    const inBody = (outer: boolean) =>
      predictOne((b, x) => {
        const body = new GraphBuilder(new Graph(b.graph));
        const w = weight(outer ? b : body, [64, 64, 1, 1]);
        body.output(body.op("Conv", [x, w]));
        const branches = { then_branch: body.graph, else_branch: new Graph(b.graph) };
        return b.op("If", [b.input("condition", [], "bool")], branches);
      });
    expect(inBody(false).path).toBe("fast");
    expect(inBody(true)).toMatchObject({
      path: "slow",
      reason: "its weights belong to the graph around the body it stands in",
    });
  });

  it("goes by the element type, behind casts and other operators too", () => {
    const conv = (dtype: NumericDType, via: (b: GraphBuilder, w: Value) => Value = (_, w) => w) =>
      predictOne((b, x) => b.op("Conv", [x, via(b, b.constant(full([64, 64, 1, 1], 1, dtype)))]), {
        weightShape: [64, 64, 1, 1],
      });
    const toFloat32 = (b: GraphBuilder, w: Value) => b.op("Cast", [w], { to: 1 });
    const twice = (b: GraphBuilder, w: Value) => b.op("Neg", [b.op("Identity", [w])]);
    expect(conv("float32").path).toBe("fast");
    expect(conv("float16").path).toBe("unknown");
    expect(conv("float16", twice).path).toBe("unknown");
    expect(conv("float16", toFloat32).path).toBe("fast");
    expect(conv("float64")).toMatchObject({
      path: "unsupported",
      reason: "there is no float64 kernel for Conv",
    });
    expect(conv("bfloat16").path).toBe("unsupported");
  });

  it("judges a quantised convolution as the int8 one it becomes", () => {
    const quantised = (end: (b: GraphBuilder, y: Value) => Value) =>
      predictOne((b, x) => {
        const w = dequantise(b, b.constant(full([64, 1, 3, 3], 1, "int8")), "int8");
        return end(b, b.op("Conv", [dequantise(b, quantise(b, x)), w], { group: 64 }));
      });
    const int8 = findTarget("ort-cpu-int8").predict(
      { inChannels: 64, outChannels: 64, groups: 64, kernel: [3, 3] },
      {},
    );
    expect(quantised(quantise)).toMatchObject(int8);
    expect(quantised((b, y) => quantise(b, b.op("Relu", [y])))).toMatchObject(int8);
    // no int8 result is asked for: a float convolution whose weights are dequantised in every run
    expect(quantised((_, y) => y).path).toBe("slow");
    expect(quantised((b, y) => b.op("Add", [quantise(b, y), quantise(b, y)])).path).toBe("slow");
  });

  it("knows the convolutions of other operator sets by what they are", () => {
    const one = (op: string, domain: string) =>
      predictOne(
        (b, x) => b.ops(op, [x, weight(b, [64, 64, 1, 1]), weight(b, [64])], {}, 1, domain)[0],
      ).path;
    expect(one("FusedConv", "com.microsoft")).toBe("fast");
    expect(one("ConvTranspose", "")).toBe("slow");
    expect(one("ConvInteger", "")).toBe("unknown");
    expect(one("NhwcFusedConv", "com.microsoft")).toBe("unknown");
  });

  it("cites its source and claims no confirmation", () => {
    for (const end of [null, undefined]) {
      const { evidence, confirmed } = predictOne((b, x) =>
        b.op(
          "Conv",
          end === null ? [x, weight(b, [64, 64, 1, 1]), null] : [x, weight(b, [64, 64, 1, 1])],
        ),
      );
      expect(evidence).toMatchObject({ level: "runtime" });
      expect(evidence.source).toContain("nchwc_transformer.cc");
      expect(confirmed).toBeNull();
    }
  });
});

describe("predictFastPaths on any target", () => {
  const targets: TargetId[] = ["ort-cpu", "tensorrt-int8", "xnnpack"];

  it("calls a layer whose data does not fit its weight unsupported", () => {
    for (const target of targets)
      expect(
        predictOne((b, x) => b.op("Conv", [x, weight(b, [64, 8, 1, 1])], { group: 4 }), { target }),
      ).toMatchObject({
        path: "unsupported",
        reason: "inChannels=64 of the data is not 32, what the weight has for groups=4",
        evidence: { level: "specification" },
      });
  });

  it("calls groups that do not divide the output channels unsupported", () => {
    for (const target of targets)
      expect(
        predictOne((b, x) => b.op("Conv", [x, weight(b, [66, 16, 1, 1])], { group: 4 }), { target })
          .path,
      ).toBe("unsupported");
  });

  it("passes the shape on to the target", () => {
    const grouped = (b: GraphBuilder, x: Value) =>
      b.op("Conv", [x, weight(b, [128, 2, 1, 1])], { group: 32 });
    const target = findTarget("tensorrt-int8");
    const shape = { inChannels: 64, outChannels: 128, groups: 32, kernel: [1, 1] };
    expect(predictOne(grouped, { target: "tensorrt-int8" })).toEqual({
      ...target.predict(shape, {}),
      confirmed: null,
    });
  });

  it("has an answer for every convolution, and an empty one for none", () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    b.output(b.op("Relu", [b.input("x", [1, 64, 8, 8])]));
    expect(predict(model, "ort-cpu", 8)).toEqual([]);
  });
});

function predictOne(
  build: (b: GraphBuilder, x: Value) => Value,
  options: { target?: TargetId; blockSize?: number | null; weightShape?: readonly number[] } = {},
): FastPath {
  const { target = "ort-cpu", blockSize = 8 } = options;
  const model = newModel("test");
  const b = new GraphBuilder(model.graph);
  b.output(build(b, b.input("x", [1, 64, 8, 8])));
  const shapes = options.weightShape ? shapesOfWeights(model, options.weightShape) : null;
  const predictions = predict(model, target, blockSize, shapes);
  expect(predictions).toHaveLength(1);
  return predictions[0];
}

/** What the runtime would say of weights that are not constants themselves. */
function shapesOfWeights(model: Model, shape: readonly number[]): Shapes {
  const convolutions = model.graph.nodes.filter((node) => node.op === "Conv");
  return new Map(convolutions.map((node) => [node.inputs[1]!, shape]));
}

function predict(
  model: Model,
  target: TargetId,
  blockSize: number | null,
  shapes: Shapes | null = null,
): FastPath[] {
  const convolutions = findConvolutions(model, shapes);
  const paths = predictFastPaths(model, convolutions, findTarget(target), { blockSize });
  expect([...paths.keys()]).toEqual(convolutions);
  return [...paths.values()];
}

function weight(b: GraphBuilder, shape: readonly number[]): Value {
  return b.constant(full(shape, 0.5));
}

function quantise(b: GraphBuilder, x: Value): Value {
  return b.op("QuantizeLinear", [x, b.scalar(0.1), b.constant(full([], 0, "uint8"))]);
}

function dequantise(b: GraphBuilder, x: Value, dtype: "int8" | "uint8" = "uint8"): Value {
  return b.op("DequantizeLinear", [x, b.scalar(0.1), b.constant(full([], 0, dtype))]);
}
