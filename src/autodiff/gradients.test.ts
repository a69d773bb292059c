import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { type Model, parseModel, printGraph, type Value } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { GraphBuilder, newModel, readIntegers } from "../ops/index.js";
import { inferShapes } from "../runtime/index.js";
import { differentiableOps, gradients } from "./index.js";

async function backward(model: Model, loss: Value, wrt: readonly Value[]) {
  return gradients(model, loss, wrt, {
    shapes: await inferShapes(model),
    integers: await readIntegers(model.graph),
  });
}

/** Runs the model for some of its values. */
async function run(
  model: Model,
  values: Readonly<Record<string, Value>>,
  feed: Readonly<Record<string, { data: number[]; shape: number[] }>>,
): Promise<Record<string, number[]>> {
  const g = new GraphBuilder(model.graph);
  for (const [name, value] of Object.entries(values)) g.output(g.op("Identity", [value]), name);
  const session = await InferenceSession.create(await encodeModel(model), {
    graphOptimizationLevel: "disabled",
  });
  const results = await session.run(
    Object.fromEntries(
      Object.entries(feed).map(([name, { data, shape }]) => [
        name,
        new OrtTensor("float32", data, shape),
      ]),
    ),
  );
  await session.release();
  return Object.fromEntries(
    Object.keys(values).map((name) => [name, Array.from(results[name].data as Float32Array)]),
  );
}

describe("gradients", () => {
  it("sums what comes back along every way: y = x * x + x has the slope 2 x + 1", async () => {
    const model = newModel("parabola");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [3]);
    const y = g.op("Add", [g.op("Mul", [x, x]), x]);
    const found = await backward(model, y, [x]);
    const { dx } = await run(
      model,
      { dx: found.get(x)! },
      { x: { data: [-1, 0, 2.5], shape: [3] } },
    );
    expect(dx).toEqual([-1, 1, 6]);
  });

  it("reaches inputs, constants and values in between; a loss gives itself 1", async () => {
    const model = newModel("chain");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [2]);
    const three = g.scalar(3);
    const between = g.op("Mul", [x, three]); // h = 3 x
    const loss = g.op("Mul", [between, between]); // h²
    const found = await backward(model, loss, [x, three, between, loss]);
    const names = { dx: x, dThree: three, dBetween: between, dLoss: loss };
    const values = Object.fromEntries(
      Object.entries(names).map(([name, value]) => [name, found.get(value)!]),
    );
    const results = await run(model, values, { x: { data: [1, -2], shape: [2] } });
    expect(results).toEqual({
      dx: [18, -36], // 2 h * 3 = 18 x
      dThree: [30], // sum of 2 h x = 6 (1 + 4)
      dBetween: [6, -12], // 2 h
      dLoss: [1, 1],
    });
  });

  it("writes only the nodes that the asked-for gradients need", async () => {
    const countFor = async (asked: readonly ("a" | "b")[]) => {
      const model = newModel("product");
      const g = new GraphBuilder(model.graph);
      const inputs = { a: g.input("a", [2, 3]), b: g.input("b", [3, 4]) };
      const loss = g.op("ReduceSum", [g.op("MatMul", [inputs.a, inputs.b])], { keepdims: 0 });
      const before = model.graph.nodes.length;
      await backward(
        model,
        loss,
        asked.map((name) => inputs[name]),
      );
      return model.graph.nodes.slice(before).map((node) => node.op);
    };
    // The sum sends a 1 to every element of the product; each factor then costs one product more.
    const shared = ["Reshape", "Expand"];
    expect(await countFor(["a"])).toEqual([...shared, "FusedMatMul"]);
    expect(await countFor(["b"])).toEqual([...shared, "FusedMatMul"]);
    expect(await countFor(["a", "b"])).toEqual([...shared, "FusedMatMul", "FusedMatMul"]);
    expect(await countFor([])).toEqual([]);
  });

  it("gives zeros where the loss does not depend on a value", async () => {
    const model = newModel("apart");
    const g = new GraphBuilder(model.graph);
    const [x, other] = [g.input("x", [2]), g.input("other", [3])];
    const steps = g.op("Floor", [other]); // a step has no slope
    const loss = g.op("Mul", [x, g.op("ReduceSum", [steps])]);
    const found = await backward(model, loss, [other]);
    const { d } = await run(
      model,
      { d: found.get(other)! },
      { x: { data: [1, 2], shape: [2] }, other: { data: [1, 2, 3], shape: [3] } },
    );
    expect(d).toEqual([0, 0, 0]);
  });

  it("follows shapes that a graph reads of itself without asking for their gradient", async () => {
    const model = newModel("flatten by hand");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [2, 3, 2]);
    const batch = g.op("Gather", [g.op("Shape", [x]), g.ints([0])]);
    const flat = g.op("Reshape", [x, g.op("Concat", [batch, g.ints([-1])], { axis: 0 })]);
    const loss = g.op("Mul", [flat, flat]);
    // The runtime does not infer what such a Reshape gives.
    const shapes = new Map([...(await inferShapes(model)), [flat, [2, 6]], [loss, [2, 6]]]);
    const integers = await readIntegers(model.graph);
    const found = gradients(model, loss, [x], { shapes, integers });
    const data = Array.from({ length: 12 }, (_, i) => i);
    const { d } = await run(model, { d: found.get(x)! }, { x: { data, shape: [2, 3, 2] } });
    expect(d).toEqual(data.map((number) => 2 * number));
  });

  it("equal winners share: Max, ReduceMax, GlobalMaxPool; MaxPool gives all to the first", async () => {
    const ties = async (write: (g: GraphBuilder, x: Value) => Value) => {
      const model = newModel("ties");
      const g = new GraphBuilder(model.graph);
      const x = g.input("x", [1, 1, 4]);
      const found = await backward(model, write(g, x), [x]);
      const feed = { x: { data: [1, 5, 5, 2], shape: [1, 1, 4] } };
      return (await run(model, { d: found.get(x)! }, feed)).d;
    };
    expect(await ties((g, x) => g.op("ReduceMax", [x]))).toEqual([0, 0.5, 0.5, 0]);
    expect(await ties((g, x) => g.op("GlobalMaxPool", [x]))).toEqual([0, 0.5, 0.5, 0]);
    expect(await ties((g, x) => g.op("Max", [x, g.scalar(5)]))).toEqual([0, 0.5, 0.5, 0]);
    expect(await ties((g, x) => g.op("MaxPool", [x], { kernel_shape: [4] }))).toEqual([0, 1, 0, 0]);
  });

  it("MaxPool sends the gradient of -Infinity and of overlapping windows to the right place", async () => {
    const model = newModel("overlap");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [1, 1, 4]);
    const y = g.op("MaxPool", [x], { kernel_shape: [3] });
    const found = await backward(model, y, [x]);
    const feed = { x: { data: [-Infinity, 7, 3, -Infinity], shape: [1, 1, 4] } };
    // Windows [-inf, 7, 3] and [7, 3, -inf] both see 7.
    expect((await run(model, { d: found.get(x)! }, feed)).d).toEqual([0, 2, 0, 0]);
  });

  it("has the slopes at kinks, and at the origin of norms, that the page says", async () => {
    const at = async (op: string, data: number[]) => {
      const model = newModel("kink");
      const g = new GraphBuilder(model.graph);
      const x = g.input("x", [2]);
      const found = await backward(model, g.op(op, [x]), [x]);
      return (await run(model, { d: found.get(x)! }, { x: { data, shape: [2] } })).d;
    };
    expect(await at("Relu", [0, 1])).toEqual([0, 1]);
    expect(await at("Elu", [0, 1])).toEqual([1, 1]); // alpha e^0
    expect(await at("HardSwish", [-3, 3])).toEqual([0, 1]);
    expect((await at("LeakyRelu", [0, 1]))[0]).toBeCloseTo(0.01, 8);
    expect(await at("HardSigmoid", [-2.5, 2.5])).toEqual([0, 0]);
    expect(await at("Abs", [0, -1])).toEqual([0, -1]);
    expect(await at("ReduceL2", [0, 0])).toEqual([0, 0]);
    expect(await at("ReduceL1", [0, -2])).toEqual([0, -1]);
  });

  it("names the node of an operator that has no rule", async () => {
    const model = parseModel(`
      <ir_version: 8, opset_import: ["" : 17]>
      agraph (float[2, 2] x) => (float[2, 2] y) { y = Det2 (x) }
    `);
    expect(model.graph.nodes).toHaveLength(1);
    const [x, y] = [model.graph.find("x")!, model.graph.find("y")!];
    const known = {
      shapes: new Map([
        [x, [2, 2]],
        [y, [2, 2]],
      ]),
      integers: new Map(),
    };
    expect(() => gradients(model, y, [x], known)).toThrow(
      'no gradient rule for Det2, which "y" is',
    );
  });

  it("leaves the model as it was when it refuses halfway", async () => {
    const model = newModel("halfway");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [2, 2]);
    const inverse = g.op("NoSuchOp", [x]);
    const loss = g.op("MatMul", [inverse, g.op("Exp", [x])]);
    const square = [2, 2];
    const shapes = new Map(model.graph.nodes.map((node) => [node.outputs[0]!, square]));
    const known = { shapes: shapes.set(x, square), integers: new Map() };
    const before = printGraph(model.graph);
    expect(() => gradients(model, loss, [x], known)).toThrow("no gradient rule for NoSuchOp");
    expect(printGraph(model.graph)).toBe(before);
    expect([...model.graph.values]).toHaveLength(4);
    expect(model.opsets.has("com.microsoft")).toBe(false);
  });

  it("does not take names of JavaScript for operators", () => {
    const model = newModel("hostile");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [1]);
    const y = g.op("constructor", [x]);
    const known = { shapes: new Map([[y, [1]]]), integers: new Map() };
    expect(() => gradients(model, y, [x], known)).toThrow("no gradient rule for constructor");
  });

  it("refuses outputs and inputs of an operator that have no rule", async () => {
    const model = newModel("statistics");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [2, 3]);
    const scale = g.input("scale", [3]);
    const [, mean] = g.ops("LayerNormalization", [x, scale], {}, 2);
    await expect(backward(model, mean, [x])).rejects.toThrow(
      'no gradient rule for output 1 of LayerNormalization, which "LayerNormalization" is',
    );
    const padded = newModel("padding");
    const h = new GraphBuilder(padded.graph);
    const [a, fill] = [h.input("a", [2]), h.input("fill", [])];
    const y = h.op("Pad", [a, h.ints([1, 1]), fill]);
    await expect(backward(padded, y, [a, fill])).rejects.toThrow(
      'no gradient rule for input 2 of Pad, which "Pad" is',
    );
  });

  it("refuses control flow that reads a value on the way", async () => {
    const model = parseModel(`
      <ir_version: 8, opset_import: ["" : 17]>
      agraph (bool c, float[2] x) => (float[2] y) {
        y = If (c) <
          then_branch = yes () => (float[2] a) { a = Neg (x) },
          else_branch = no () => (float[2] b) { b = Identity (x) }
        >
      }
    `);
    const [x, y] = [model.graph.find("x")!, model.graph.find("y")!];
    await expect(backward(model, y, [x])).rejects.toThrow('no gradient rule for If, which "y" is');
  });

  it("refuses numbers that are not float32, unknown shapes, hidden bounds and old operator sets", async () => {
    const model = newModel("types");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [4]);
    const whole = g.input("whole", [1], "int64");
    const half = g.op("Cast", [x], { to: 10 });
    await expect(backward(model, half, [x])).rejects.toThrow(
      'gradient of Cast "Cast" to float16: only float32 has gradients',
    );
    await expect(backward(model, half, [whole])).rejects.toThrow(
      'gradients: "whole" is int64; only float32 has gradients',
    );
    const cut = g.op("Slice", [x, whole, g.ints([3])]);
    const known = {
      shapes: new Map([
        [x, [4]],
        [cut, [2]],
      ]),
      integers: await readIntegers(model.graph),
    };
    expect(() => gradients(model, cut, [x], known)).toThrow(
      'gradient of "Slice": input 1 "whole" must be a constant',
    );
    const unknown = { shapes: new Map(), integers: new Map() };
    expect(() => gradients(model, cut, [x], unknown)).toThrow(
      'gradient: the shape of "Slice" is not known',
    );
    expect(() => gradients(newModel("other"), cut, [x], unknown)).toThrow(
      '"Slice" is not a value of the model\'s main graph',
    );
    model.opsets.set("", 8);
    expect(() => gradients(model, cut, [x], known)).toThrow(
      "gradients: opset=8 must be at least 9; convert the model first",
    );
  });

  it("lists the operators it knows", () => {
    expect(differentiableOps).toContain("ConvTranspose");
    expect(differentiableOps).not.toContain("ArgMax");
  });
});
