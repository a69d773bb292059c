import type { Model, Value } from "../../graph/index.js";
import { type Attributes, GraphBuilder, newModel } from "../../ops/index.js";
import type { Tensors } from "../../runtime/index.js";
import { full, type NumericDType, Rng, type Tensor, tensor, zeros } from "../../tensor/index.js";
import { product } from "../../util/math.js";
import { isQdq, weightShape } from "./kind.js";
import type { Configuration } from "./section.js";

/** Name of the layer's node. */
export const LAYER = "layer";
/** Names of the nodes around the layer: what they take is not the layer's. */
export const NEIGHBOURS = ["before", "after"] as const;

const ACTIVATION_ATTRIBUTES: Readonly<Record<string, Attributes>> = {
  LeakyRelu: { alpha: 0.1 },
};

/** Any would do; what quantisers write for a bias is their product, rounded to float32. */
const DATA_SCALE = Math.fround(0.05);
const WEIGHT_SCALE = Math.fround(0.01);
const BIAS_SCALE = Math.fround(DATA_SCALE * WEIGHT_SCALE);

/**
 * A model of one layer in its surroundings, with as many groups as told: `x [N, C, ...] -> y [N, M, ...]`,
 * and `w` where the weight is computed.
 *
 * Where its neighbours run in blocks, a 1x1 depthwise convolution stands in for them, which costs the least
 * of all that do: a layer on the fast path then meets no copy between layouts, one off it meets two. Where
 * they do not, it is the other way round. Weights are made up: the time does not depend on them.
 *
 * A Conv that the runtime makes integers of is written in floats, as it is in its model.
 */
export function contextModel(configuration: Configuration, groups: number): Model {
  const { inShape, outShape } = configuration;
  const model = newModel("context");
  const b = new GraphBuilder(model.graph);
  const dtypes = endTypes(configuration);
  const x = b.input("x", inShape, dtypes.x);
  const y = writeLayer[formOf(configuration)](b, x, configuration, groups);
  b.output(y, "y", { shape: outShape, dtype: dtypes.y });
  return model;
}

/**
 * A {@link contextModel} that gives only the first of its numbers, `first`. The runtime's binding to JavaScript copies
 * every output into new memory, even where it was given some: of a large one that takes longer than the layer, and
 * not the same twice, as pages are new or used and garbage is collected or not.
 */
export function timedModel(configuration: Configuration, groups: number): Model {
  const model = contextModel(configuration, groups);
  const [y] = model.graph.outputs.splice(0);
  const b = new GraphBuilder(model.graph);
  const [begin, end] = [0, 1].map((at) => b.ints(configuration.outShape.map(() => at)));
  const shape = configuration.outShape.map(() => 1);
  b.output(b.op("Slice", [y, begin, end]), "first", { shape, dtype: endTypes(configuration).y });
  return model;
}

/** What a context reads: noise, and codes of one number, on which no time depends. */
export function contextFeeds(configuration: Configuration, groups: number): Tensors {
  const { inShape, weight } = configuration;
  const { x: dtype } = endTypes(configuration);
  const x = isCodes(dtype)
    ? full(inShape, 100, dtype)
    : tensor(new Rng(0).normal(inShape).data, inShape, dtype);
  if (weight.source !== "computed") return { x };
  return { x, w: madeUp(weightShape(configuration, groups), weight.dtype) };
}

/** Memory for what a context writes. */
export function contextOutput(configuration: Configuration): Tensor {
  return zeros(configuration.outShape, endTypes(configuration).y);
}

type Form = "floats" | "quantised" | "QLinearConv" | "ConvInteger";

function formOf(configuration: Configuration): Form {
  if (isQdq(configuration)) return "quantised";
  const { op } = configuration;
  return op === "QLinearConv" || op === "ConvInteger" ? op : "floats";
}

function endTypes(configuration: Configuration): { x: NumericDType; y: NumericDType } {
  const { dataType } = configuration;
  switch (formOf(configuration)) {
    case "quantised":
      return { x: "float32", y: "float32" };
    case "ConvInteger":
      return { x: dataType, y: "int32" };
    default:
      return { x: dataType, y: dataType };
  }
}

type WriteLayer = (b: GraphBuilder, x: Value, layer: Configuration, groups: number) => Value;

const writeLayer: Readonly<Record<Form, WriteLayer>> = {
  floats(b, x, layer, groups) {
    const { op, inShape, outShape, activation, before, after } = layer;
    let value = x;
    if (before === "blocked") value = neighbour(b, "before", value, layer, inShape[1]);
    const inputs = [value, weightOf(b, layer, groups), ...biasOf(b, layer, outShape[1])];
    value = b.within(LAYER, () => b.op(op, inputs, attributesOf(layer, groups)));
    if (activation !== null) value = activate(b, value, activation, layer.dataType);
    return after === "blocked" ? neighbour(b, "after", value, layer, outShape[1]) : value;
  },

  quantised(b, x, layer, groups) {
    const scale = b.scalar(DATA_SCALE);
    const zero = b.constant(full([], 0, layer.dataType));
    const through = (value: Value) =>
      b.op("DequantizeLinear", [b.op("QuantizeLinear", [value, scale, zero]), scale, zero]);
    const bias = layer.bias
      ? [b.op("DequantizeLinear", [int32Bias(b, layer), scales(b, layer, groups, BIAS_SCALE)])]
      : [];
    const inputs = [through(x), dequantisedWeight(b, layer, groups), ...bias];
    return through(b.within(LAYER, () => b.op("Conv", inputs, attributesOf(layer, groups))));
  },

  QLinearConv(b, x, layer, groups) {
    const { dataType, weight } = layer;
    const scale = b.scalar(DATA_SCALE);
    const zero = b.constant(full([], 0, dataType));
    const weightScale = scales(b, layer, groups, WEIGHT_SCALE);
    const weightZero = zerosLike(b, weightScale, weight.dtype);
    const codes = weightOf(b, layer, groups);
    const inputs = [x, scale, zero, codes, weightScale, weightZero, scale, zero];
    if (layer.bias) inputs.push(int32Bias(b, layer));
    return b.within(LAYER, () => b.op("QLinearConv", inputs, attributesOf(layer, groups)));
  },

  ConvInteger(b, x, layer, groups) {
    const zero = (dtype: NumericDType) => b.constant(full([], 0, dtype));
    const { dataType, weight } = layer;
    const inputs = [x, weightOf(b, layer, groups), zero(dataType), zero(weight.dtype)];
    return b.within(LAYER, () => b.op("ConvInteger", inputs, attributesOf(layer, groups)));
  },
};

function attributesOf(layer: Configuration, groups: number): Attributes {
  const { op, strides, dilations, pads, outputPadding } = layer;
  const transposed = op === "ConvTranspose" ? { output_padding: outputPadding } : {};
  return { group: groups, strides, dilations, pads, ...transposed };
}

/** A stand-in for the layers around: it keeps its input's shape. */
function neighbour(
  b: GraphBuilder,
  name: (typeof NEIGHBOURS)[number],
  x: Value,
  layer: Configuration,
  channels: number,
): Value {
  const weight = b.constant(full([channels, 1, 1, 1], 1, layer.dataType));
  const inputs = [x, weight, ...biasOf(b, layer, channels)];
  return b.within(name, () => b.op("Conv", inputs, { group: channels }));
}

function weightOf(b: GraphBuilder, layer: Configuration, groups: number): Value {
  const { dtype, source } = layer.weight;
  const shape = weightShape(layer, groups);
  if (source === "computed") return b.input("w", shape, dtype);
  if (source === "dequantised") return dequantisedWeight(b, layer, groups);
  return b.constant(madeUp(shape, dtype));
}

function dequantisedWeight(b: GraphBuilder, layer: Configuration, groups: number): Value {
  const codes = b.constant(madeUp(weightShape(layer, groups), layer.weight.dtype));
  const scale = scales(b, layer, groups, WEIGHT_SCALE);
  const zero = zerosLike(b, scale, layer.weight.dtype);
  const axis = layer.op === "ConvTranspose" ? 1 : 0;
  return b.op("DequantizeLinear", [codes, scale, zero], { axis });
}

/** Weights whose outputs stay as large as their inputs. */
function madeUp(shape: readonly number[], dtype: NumericDType): Tensor {
  return full(shape, isCodes(dtype) ? 3 : 1 / product(shape.slice(1)), dtype);
}

function scales(b: GraphBuilder, layer: Configuration, groups: number, scale: number): Value {
  const { op, outShape, weight } = layer;
  if (weight.scales !== "channel") return b.scalar(scale);
  const channels = op === "ConvTranspose" ? outShape[1] / groups : outShape[1];
  return b.constant(full([channels], scale));
}

function zerosLike(b: GraphBuilder, scale: Value, dtype: NumericDType): Value {
  return b.constant(zeros(scale.initializer!.shape, dtype));
}

function biasOf(b: GraphBuilder, { bias, dataType }: Configuration, channels: number): Value[] {
  return bias ? [b.constant(full([channels], 0.5, dataType))] : [];
}

function int32Bias(b: GraphBuilder, { outShape }: Configuration): Value {
  return b.constant(full([outShape[1]], 5, "int32"));
}

function activate(b: GraphBuilder, x: Value, op: string, dtype: NumericDType): Value {
  const bound = (value: number) => b.constant(full([], value, dtype));
  const bounds = op === "Clip" ? [bound(0), bound(6)] : [];
  return b.op(op, [x, ...bounds], ACTIVATION_ATTRIBUTES[op]);
}

function isCodes(dtype: NumericDType): boolean {
  return dtype === "uint8" || dtype === "int8";
}
