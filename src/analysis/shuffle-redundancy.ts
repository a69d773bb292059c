import { intAttribute, isOp, type Node, type Value } from "../graph/index.js";
import { convAttributes, convInputs, isConvolution } from "../ops/index.js";
import type { Shapes } from "../runtime/index.js";
import { constantBehind } from "./convolution.js";
import { isIdentity, type Shuffle } from "./shuffles.js";

/** Does the shuffle leave every channel where it is? */
export function keepsOrder({ permutation }: Shuffle): boolean {
  return isIdentity(permutation);
}

/**
 * Does `second` read what `first` writes and put the channels back? Between them may stand operators that
 * work on each channel for itself, when nothing else reads what comes out of `first`.
 */
export function undoes(second: Shuffle, first: Shuffle): boolean {
  if (first === second || keepsOrder(first) || !follows(second, first)) return false;
  return second.permutation.every((from, i) => first.permutation[from] === i);
}

/**
 * Is everything that reads the shuffle a dense convolution or a matrix product over all channels, with
 * constant weights? Then the order can be put into the weights, and the shuffle mixes nothing.
 */
export function foldsIntoReaders(shuffle: Shuffle, shapes: Shapes): boolean {
  if (shuffle.isReturned || shuffle.readers.length === 0) return false;
  return shuffle.readers.every((node) => readsEveryChannel(node, shapes));
}

function follows(second: Shuffle, first: Shuffle): boolean {
  if (withoutIdentity(second.input) === first.output) return true;
  const only = !first.isReturned && first.readers.length > 0;
  return only && first.readers.every((node) => second.nodes.includes(node));
}

function withoutIdentity(value: Value): Value {
  let current = value;
  while (isOp(current.producer, "Identity", "Dropout") && current.producer.inputs[0])
    current = current.producer.inputs[0];
  return current;
}

function readsEveryChannel(node: Node, shapes: Shapes): boolean {
  const isConv = isConvolution(node);
  if (!isConv && !isOp(node, "MatMul", "Gemm")) return false;
  const at = isConv ? convInputs(node).x : 0;
  const isOnlyData = node.inputs.every(
    (input, i) => !input || (constantBehind(input) === null) === (i === at),
  );
  if (!isOnlyData) return false;
  if (isConv) return convAttributes(node).groups === 1;
  return shapes.get(node.inputs[at]!)?.length === 2 && intAttribute(node, "transA", 0) === 0;
}
