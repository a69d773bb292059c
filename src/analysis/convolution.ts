import { allNodes, isOp, type Model, type Node, type Value } from "../graph/index.js";
import {
  channelsOfWeight,
  convAttributes,
  convInputs,
  convMacs,
  isChannelsLast,
  isConvolution,
} from "../ops/index.js";
import type { Shapes } from "../runtime/index.js";
import { product } from "../util/math.js";

export type ConvolutionKind = "dense" | "grouped" | "depthwise";

/** One convolving node, with what its attributes, its weight's shape and the runtime say of it. */
export interface Convolution {
  readonly node: Node;
  /** The node's label, made unique within the model. */
  readonly name: string;
  readonly op: string;
  /** The data it reads and the value it writes. */
  readonly x: Value;
  readonly y: Value;
  /** The constant that holds the weight; null when the weight is computed from data. */
  readonly weight: Value | null;
  /** Conv `[M, C/G, ...k]`, ConvTranspose `[C, M/G, ...k]`. */
  readonly weightShape: readonly number[];
  /** C as the data has it, where that is known; else as the weight has it. */
  readonly inChannels: number;
  /** C as the weight and the groups have it: another number than `inChannels` means a broken layer. */
  readonly weightInChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  /** inChannels / groups; rounded down when that is no whole number. */
  readonly channelsPerGroup: number;
  readonly kind: ConvolutionKind;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly hasBias: boolean;
  /** `[N, C, ...size]`; null when the runtime gave no shapes. */
  readonly inShape: readonly number[] | null;
  readonly outShape: readonly number[] | null;
  /** Weights and bias. */
  readonly params: number;
  readonly macs: number | null;
}

/**
 * Every convolution of a model, subgraphs and functions included, in the order of the file.
 * @param shapes From the runtime; null when it could not load the model.
 */
export function findConvolutions(model: Model, shapes: Shapes | null): Convolution[] {
  const names = new UniqueNames();
  const convolutions: Convolution[] = [];
  const bodies = [model.graph, ...model.functions.map((definition) => definition.body)];
  for (const graph of bodies) {
    for (const node of allNodes(graph)) {
      if (!isConvolution(node)) continue;
      const convolution = describe(node, shapes, names.claim(node.label));
      if (convolution) convolutions.push(convolution);
    }
  }
  return convolutions;
}

/** Null for a node so broken that it has no data, no output, or a weight nobody knows the shape of. */
function describe(node: Node, shapes: Shapes | null, name: string): Convolution | null {
  const at = convInputs(node);
  const x = node.inputs[at.x];
  const weightInput = node.inputs[at.weight];
  const y = node.outputs[0];
  if (!x || !weightInput || !y) return null;
  const weight = constantBehind(weightInput);
  const weightShape = constantShape(weight) ?? shapes?.get(weightInput) ?? null;
  if (!weightShape || weightShape.length < 3) return null;

  const attributes = convAttributes(node);
  const { groups } = attributes;
  const spatialAxes = weightShape.length - 2;
  const fromWeight = channelsOfWeight(node.op, weightShape, countable(groups));
  const shapeOf = (value: Value) => channelsSecond(shapes?.get(value) ?? null, node);
  const inShape = shapeOf(x);
  const outShape = shapeOf(y);
  const inChannels = inShape?.[1] ?? channelsBehind(x) ?? fromWeight.inChannels;
  const hasBias = !!node.inputs[at.bias];
  return {
    node,
    name,
    op: node.op,
    x,
    y,
    weight,
    weightShape,
    inChannels,
    weightInChannels: fromWeight.inChannels,
    outChannels: fromWeight.outChannels,
    groups,
    channelsPerGroup: groups > 0 ? Math.floor(inChannels / groups) : 0,
    kind: kindOf(groups, inChannels),
    kernel: weightShape.slice(2),
    strides: attributes.strides ?? Array(spatialAxes).fill(1),
    dilations: attributes.dilations ?? Array(spatialAxes).fill(1),
    hasBias,
    inShape,
    outShape,
    params: product(weightShape) + (hasBias ? fromWeight.outChannels : 0),
    macs: inShape && outShape ? convMacs(node.op, weightShape, inShape, outShape) : null,
  };
}

/** `[N, C, ...size]`, whatever the order the node reads. */
function channelsSecond(shape: readonly number[] | null, node: Node): readonly number[] | null {
  if (!shape || shape.length < 3 || !isChannelsLast(node)) return shape;
  const [batch, ...size] = shape;
  return [batch, size.at(-1)!, ...size.slice(0, -1)];
}

/** Channels are counted as if dense where a layer has no groups, or fewer. */
function countable(groups: number): number {
  return Math.max(1, groups);
}

function kindOf(groups: number, inChannels: number): ConvolutionKind {
  if (groups <= 1) return "dense";
  return groups === inChannels ? "depthwise" : "grouped";
}

/** The initializer or Constant node behind a value, through ops that only change its type or its name. */
export function constantBehind(value: Value): Value | null {
  let current = value;
  while (!current.initializer) {
    const producer = current.producer;
    if (isOp(producer, "Constant")) return current;
    const source = isOp(producer, "Identity", "Cast", "DequantizeLinear")
      ? producer.inputs[0]
      : null;
    if (!source) return null;
    current = source;
  }
  return current;
}

export function constantShape(value: Value | null): readonly number[] | null {
  if (!value) return null;
  if (value.initializer) return value.initializer.shape;
  const attribute = value.producer?.attributes.get("value");
  return attribute?.type === "tensor" ? attribute.value.shape : null;
}

/** Ops whose first input and output have the same channels, for models the runtime cannot load. */
const channelKeepers = [
  ..."BatchNormalization InstanceNormalization Relu LeakyRelu PRelu Clip Sigmoid HardSigmoid".split(
    " ",
  ),
  ..."HardSwish Elu Selu Tanh Softplus Mish Gelu Identity Dropout Cast".split(" "),
  ..."MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool".split(" "),
];

function channelsBehind(value: Value): number | null {
  for (let current: Value | null = value; current; ) {
    const producer: Node | null = current.producer;
    if (!producer) {
      const declared = current.type?.kind === "tensor" ? current.type.shape?.[1] : undefined;
      return typeof declared === "number" ? declared : null;
    }
    if (isConvolution(producer)) {
      const weight = producer.inputs[convInputs(producer).weight];
      const shape = weight ? constantShape(constantBehind(weight)) : null;
      if (!shape) return null;
      const groups = countable(convAttributes(producer).groups);
      return channelsOfWeight(producer.op, shape, groups).outChannels;
    }
    if (!isOp(producer, ...channelKeepers)) return null;
    current = producer.inputs[0] ?? null;
  }
  return null;
}

/** Gives each label once: the second layer of a name is `name (2)`. */
class UniqueNames {
  readonly #taken = new Set<string>();
  readonly #copies = new Map<string, number>();

  claim(label: string): string {
    let name = label;
    for (let copy = this.#copies.get(label) ?? 2; this.#taken.has(name); copy++) {
      name = `${label} (${copy})`;
      this.#copies.set(label, copy + 1);
    }
    this.#taken.add(name);
    return name;
  }
}
