import { capturedValues, isOp, type Node, type Value } from "../graph/index.js";
import { convAttributes, convInputs, isConvolution } from "../ops/index.js";
import { sameShape } from "../tensor/index.js";
import { shapeOf } from "./dependence/rule.js";
import type { Terrain } from "./dependence/terrain.js";

export interface Readers {
  readonly readers: readonly Node[];
  readonly isReturned: boolean;
}

/**
 * Says of a value what reads it behind operators that work on each channel for itself: an order of the
 * channels passes through them, with their constants put into the same order.
 */
export function findReaders(terrain: Terrain): (value: Value) => Readers {
  const ownersOf = new Map<Value, Node[]>(); // nodes whose bodies of control flow read a value
  for (const node of terrain.order)
    for (const value of new Set(node.subgraphs.flatMap(capturedValues)))
      ownersOf.set(value, [...(ownersOf.get(value) ?? []), node]);

  return (value) => {
    const readers = new Set<Node>();
    const passed = new Set([value]);
    let isReturned = false;
    for (const current of passed) {
      isReturned ||= terrain.outputs.has(current);
      const direct = current.consumers.filter((node) => node.graph === terrain.graph);
      for (const node of [...direct, ...(ownersOf.get(current) ?? [])]) {
        const output = node.outputs[0];
        if (output && passesChannels(node, current, output, terrain)) passed.add(output);
        else readers.add(node);
      }
    }
    return { readers: [...readers], isReturned };
  };
}

const elementwise =
  `Identity Cast Dropout Relu LeakyRelu ThresholdedRelu Sigmoid HardSigmoid HardSwish Tanh Elu
  Selu Celu Softplus Softsign Mish Swish Gelu Erf Exp Log Sqrt Abs Neg Reciprocal Floor Ceil Round Sign Clip
  Add Sub Mul Div Pow Min Max PRelu QuantizeLinear DequantizeLinear BatchNormalization
  InstanceNormalization`.split(/\s+/);

const spatial =
  "MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool Resize Upsample".split(
    " ",
  );

function passesChannels(node: Node, from: Value, to: Value, terrain: Terrain): boolean {
  const others = node.inputs.filter((input) => input !== from);
  const alone =
    others.length === node.inputs.length - 1 && node.outputs.filter(Boolean).length === 1;
  if (!alone || !others.every((input) => !input || isFixed(input, terrain))) return false;
  const before = shapeOf(terrain.shapes, from);
  const after = shapeOf(terrain.shapes, to);
  if (!before || !after) return false;
  if (isOp(node, ...elementwise)) return sameShape(before, after);
  if (before[0] !== after[0]) return false;
  if (isOp(node, ...spatial)) return before.length === after.length && before[1] === after[1];
  if (isOp(node, "Flatten", "Reshape", "Squeeze")) return after.length === 2;
  return isDepthwise(node, from, before[1]);
}

function isDepthwise(node: Node, x: Value, channels: number): boolean {
  if (!isConvolution(node) || node.inputs[convInputs(node).x] !== x) return false;
  return convAttributes(node).groups === channels;
}

function isFixed(value: Value, terrain: Terrain): boolean {
  return !terrain.data.has(value);
}
