import { describe, expect, it } from "vitest";
import type { Model, Value } from "../graph/index.js";
import { findTarget } from "../groups/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { inferShapes } from "../runtime/index.js";
import { readOptimisedGraph } from "../runtime/optimised-graph.node.js";
import { full } from "../tensor/index.js";
import { findConvolutions } from "./convolution.js";
import { findFastPaths } from "./find-fast-paths.js";

interface Layer {
  readonly op?: "Conv" | "ConvTranspose";
  readonly dtype?: "uint8" | "int8";
  readonly zero?: number;
  readonly activation?: "Relu";
  /** Keeps the weight in floats, behind a QuantizeLinear, as training with quantisation in mind does. */
  readonly floatWeight?: boolean;
  /** Scale of an int32 bias; that of data times weight is 0.05 * 0.01. */
  readonly biasScale?: number;
}

/** 16 channels in 4 groups between QuantizeLinear and DequantizeLinear. */
function quantised({ op = "Conv", dtype = "uint8", zero = 0, ...layer }: Layer): Model {
  const model = newModel("quantised");
  const b = new GraphBuilder(model.graph);
  const scale = b.constant(full([], 0.05));
  const zeroPoint = b.constant(full([], zero, dtype));
  const dequantise = (codes: Value, ...parameters: Value[]) =>
    b.op("DequantizeLinear", [codes, ...parameters]);
  const through = (value: Value) =>
    dequantise(b.op("QuantizeLinear", [value, scale, zeroPoint]), scale, zeroPoint);
  const weightScale = b.constant(full([], 0.01));
  const weightZero = b.constant(full([], 0, "int8"));
  const codes = layer.floatWeight
    ? b.op("QuantizeLinear", [b.constant(full([16, 4, 1, 1], 0.03)), weightScale, weightZero])
    : b.constant(full([16, 4, 1, 1], 3, "int8"));
  const w = dequantise(codes, weightScale, weightZero);
  const bias = layer.biasScale
    ? [dequantise(b.constant(full([16], 5, "int32")), b.constant(full([], layer.biasScale)))]
    : [];
  const x = through(b.input("x", [1, 16, 8, 8]));
  const y = b.within("layer", () => b.op(op, [x, w, ...bias], { group: 4 }));
  b.output(through(layer.activation ? b.op(layer.activation, [y]) : y), "y", {
    shape: [1, 16, 8, 8],
  });
  return model;
}

async function found(layer: Layer, isRead = true) {
  const model = quantised(layer);
  const { fastPaths, integers } = await findFastPaths(
    model,
    findConvolutions(model, await inferShapes(model)),
    findTarget("ort-cpu"),
    isRead ? { readOptimisedGraph } : { blockSize: 8 },
  );
  const [{ path, confirmed }] = fastPaths.values();
  const { graph } = await readOptimisedGraph(model);
  return {
    path,
    confirmed,
    onIntegers: integers.size === 1,
    runs: graph.nodes.some(({ op }) => op === "QLinearConv"),
  };
}

describe("a convolution between quantised values", () => {
  const int8 = findTarget("ort-cpu-int8").predict({
    inChannels: 16,
    outChannels: 16,
    groups: 4,
    kernel: [1, 1],
  }).path;
  const integers = { path: int8, confirmed: null, onIntegers: true, runs: true };
  const floats = { path: "slow", confirmed: true, onIntegers: false, runs: false };

  it("runs on integers where the runtime makes one operator of it", async () => {
    expect(await found({})).toEqual(integers);
    expect(await found({ activation: "Relu" })).toEqual(integers);
    expect(await found({ floatWeight: true })).toEqual(integers);
    expect(await found({ dtype: "int8", zero: -128, activation: "Relu" })).toEqual(integers);
    expect(await found({ biasScale: Math.fround(Math.fround(0.05) * Math.fround(0.01)) })).toEqual(
      integers,
    );
  });

  it("runs in floats where zero and activation, or the scales, do not fit together", async () => {
    expect(await found({ dtype: "int8", zero: 0, activation: "Relu" })).toEqual(floats);
    expect(await found({ biasScale: 0.07 })).toEqual(floats);
    // nobody to ask: taken for what it is written as
    expect(await found({ biasScale: 0.07 }, false)).toMatchObject({ path: int8, onIntegers: true });
  });

  it("is told from another of the same weight that runs in floats", async () => {
    const model = newModel("shared");
    const b = new GraphBuilder(model.graph);
    const zero = (dtype: "uint8" | "int8") => b.constant(full([], 0, dtype));
    const [scale, weightZero] = [b.constant(full([], 0.05)), zero("int8")];
    const through = (value: Value, at: Value) =>
      b.op("DequantizeLinear", [b.op("QuantizeLinear", [value, scale, at]), scale, at]);
    const codes = b.constant(full([16, 4, 1, 1], 3, "int8"));
    const w = b.op("DequantizeLinear", [codes, scale, weightZero]);
    const x = through(b.input("x", [1, 16, 8, 8]), zero("uint8"));
    const first = b.within("first", () => b.op("Conv", [x, w], { group: 4 }));
    const middle = zero("int8");
    const second = b.within("second", () =>
      b.op("Conv", [through(first, middle), w], { group: 4 }),
    );
    b.output(through(b.op("Relu", [second]), middle), "y", { shape: [1, 16, 8, 8] });
    const { graph } = await readOptimisedGraph(model);
    const ops = graph.nodes.map(({ op }) => op).filter((op) => op.endsWith("Conv"));
    expect(ops).toEqual(["QLinearConv", "FusedConv"]);
    const { integers } = await findFastPaths(
      model,
      findConvolutions(model, await inferShapes(model)),
      findTarget("ort-cpu"),
      { readOptimisedGraph },
    );
    expect([...integers].map(({ name }) => name)).toEqual(["first"]);
  });

  it("runs in floats when it is transposed, which has no integer kernel", async () => {
    expect(await found({ op: "ConvTranspose" })).toEqual(floats);
    expect(await found({ op: "ConvTranspose" }, false)).toMatchObject({
      path: "slow",
      onIntegers: false,
    });
  });
});
