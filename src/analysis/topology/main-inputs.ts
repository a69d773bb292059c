import { intAttribute, isOp, type Node, type Value } from "../../graph/index.js";
import { isConvolution } from "../../ops/index.js";

/** They bring all their inputs together; of other operators the first input is what is worked on. */
const JOINING = [
  ..."Add Sub Mul Div Sum Mean Max Min Pow Concat Where MatMul MatMulInteger Einsum If Loop Scan".split(
    " ",
  ),
  ..."And Or Xor Equal Greater Less GreaterOrEqual LessOrEqual BitwiseAnd BitwiseOr Mod".split(" "),
];

/**
 * The inputs whose contents a node passes on: not the sizes, indices and statistics it may read too, nor
 * the gate where it multiplies by one.
 */
export function mainInputs(node: Node, data: ReadonlySet<Value>): readonly Value[] {
  const read = node.inputs.filter((input): input is Value => input !== null && data.has(input));
  const [first] = node.inputs;
  const joins = node.domain === "com.microsoft" || isOp(node, ...JOINING);
  const worksOnFirst = isConvolution(node) || !joins;
  if (worksOnFirst && first && data.has(first)) return [first];
  if (!isOp(node, "Mul") || read.length < 2) return read;
  const gated = read.filter((value) => !isGate(value));
  return gated.length > 0 ? gated : read;
}

/** Does a value come out of a function with bounds, perhaps resized or cast after it? */
function isGate(value: Value): boolean {
  let node = value.producer;
  for (let steps = 0; steps < 4 && isOp(node, "Resize", "Upsample", "Expand", "Cast"); steps++)
    node = node.inputs[0]?.producer ?? null;
  return isOp(node, "Sigmoid", "HardSigmoid", "Softmax");
}

/** Does a Concat put channels side by side? */
export function isChannelConcat(node: Node, rank: number | undefined): boolean {
  const axis = intAttribute(node, "axis", 1);
  return axis === 1 || (rank !== undefined && axis + rank === 1);
}
