import { isOp, type Node, type Value } from "../graph/index.js";

/** Ops whose output has as many axes as their first input. */
const LIKE_FIRST_INPUT = [
  "AveragePool",
  "BatchNormalization",
  "Clip",
  "Concat",
  "Dropout",
  "GlobalAveragePool",
  "HardSwish",
  "Identity",
  "MaxPool",
  "Relu",
  "Resize",
  "Sigmoid",
  "Softmax",
  "Split",
  "Transpose",
];

/**
 * How many axes a value has, as far as the layers of this library go; null for what only the runtime can
 * tell. ONNX wants to know it of every output of a graph.
 */
export function rankOf(value: Value, known = new Map<Value, number | null>()): number | null {
  const cached = known.get(value);
  if (cached !== undefined) return cached;
  const producer = value.type ? null : value.producer;
  const rank = producer ? rankAfter(producer, known) : declaredRank(value);
  known.set(value, rank);
  return rank;
}

function rankAfter(node: Node, known: Map<Value, number | null>): number | null {
  const rankOfInput = (index: number) => rankOf(node.inputs[index]!, known);
  if (isOp(node, "Flatten", "Gemm")) return 2;
  if (isOp(node, "Conv", "ConvTranspose")) return rankOfInput(1);
  if (isOp(node, ...LIKE_FIRST_INPUT)) return rankOfInput(0);
  if (!isOp(node, "Add", "Mul")) return null;
  const [a, b] = [rankOfInput(0), rankOfInput(1)];
  return a === null || b === null ? null : Math.max(a, b); // broadcasting
}

function declaredRank({ type }: Value): number | null {
  return type?.kind === "tensor" && type.shape ? type.shape.length : null;
}
