import {
  isOp,
  isOutput,
  isStandardDomain,
  type Node,
  type Use,
  type Value,
} from "../graph/index.js";
import { isConvolution } from "../ops/index.js";

/** All they read but the first is one value for all samples: scales, statistics, shapes. */
const ONE_DATA_INPUT: ReadonlySet<string> = new Set([
  ..."BatchNormalization InstanceNormalization GroupNormalization LayerNormalization PRelu".split(
    " ",
  ),
  ..."QuantizeLinear DequantizeLinear Reshape Slice Pad Resize Upsample Tile Expand Clip TopK".split(
    " ",
  ),
]);

/** What may stand between an input and the place where its value is a weight. */
const ON_THE_WAY: ReadonlySet<string> = new Set(
  "Identity Cast Transpose Reshape Flatten Squeeze Unsqueeze Concat Slice Pad Expand Add Sub Mul Div Neg QuantizeLinear DequantizeLinear".split(
    " ",
  ),
);

/**
 * Those inputs of a graph that hold one value for all samples, so that their first axis does not count them. A number
 * without axes does, and what is read as weights, biases and the like alone, changed on the way or not.
 */
export function sharedInputs(inputs: readonly Value[]): ReadonlySet<Value> {
  const reached = new Set(inputs);
  const [parameters, data] = [new Set<Value>(), new Set<Value>()];
  for (const value of reached) {
    if (isOutput(value)) data.add(value);
    for (const use of value.uses) {
      if (isParameter(use, value)) parameters.add(value);
      else if (!isOnTheWay(use.node)) data.add(value);
      else for (const output of use.node.outputs) if (output) reached.add(output);
    }
  }
  // Back from where it is read: each value once, however many inputs share the way.
  for (const read of [parameters, data])
    for (const { producer: node } of read)
      for (const [index, input] of node?.inputs.entries() ?? [])
        if (node && input && reached.has(input) && !isParameter({ node, index }, input))
          read.add(input);
  return new Set(
    inputs.filter((input) => isScalar(input) || (parameters.has(input) && !data.has(input))),
  );
}

function isScalar({ type }: Value): boolean {
  return type?.kind === "tensor" && type.shape?.length === 0;
}

function isParameter({ node, index }: Use, value: Value): boolean {
  if (index === 0) return false;
  // A fused convolution adds its fourth input, which is data, to what it computes.
  if (isConvolution(node)) return index < 3 || !node.op.includes("Fused");
  if (!isStandardDomain(node.domain)) return false;
  if (ONE_DATA_INPUT.has(node.op)) return true;
  const rank = rankOf(value);
  if (node.op === "MatMul") return rank === 2;
  return node.op === "Gemm" && (index === 1 || rank === 1);
}

/** Exporters seldom write down the shape of what they turn on its side. */
const KEEPS_RANK = ["Identity", "Cast", "Transpose", "Neg", "QuantizeLinear", "DequantizeLinear"];

function rankOf(value: Value): number | undefined {
  for (let one: Value | null = value; one; ) {
    if (one.type?.kind === "tensor" && one.type.shape) return one.type.shape.length;
    const from: Node | null = one.producer;
    one = from && isOp(from, ...KEEPS_RANK) ? from.inputs[0] : null;
  }
  return undefined;
}

function isOnTheWay({ op, domain }: Node): boolean {
  return isStandardDomain(domain) && ON_THE_WAY.has(op);
}
