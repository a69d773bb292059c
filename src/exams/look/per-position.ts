import { intAttribute, isOp, type Node, type Value } from "../../graph/index.js";
import { range } from "../../util/math.js";
import { storedTensor } from "./stored-tensor.js";

const ELEMENTWISE = [
  ..."Add Sub Mul Div Pow Min Max PRelu Clip Identity Relu LeakyRelu Elu Selu Celu Sigmoid Tanh".split(
    " ",
  ),
  ..."HardSigmoid HardSwish Swish Softplus Softsign Mish Gelu ThresholdedRelu Erf Sqrt Exp Abs Neg".split(
    " ",
  ),
];

/**
 * Whether each position of what the last of these nodes writes follows from the same position of the value that they
 * start from: no norm over positions is among them, no constant that differs from one to the next, and none that is
 * not stored in float32.
 *
 * @param way In order; they read what they write themselves, the value, and constants.
 * @param shape Of the value: `[N, C, ...size]`.
 */
export function isPerPosition(
  way: readonly Node[],
  value: Value,
  shape: readonly number[],
): boolean {
  const inside = new Set<Value | null>([value, ...way.flatMap(({ outputs }) => outputs)]);
  return way.every((node) => {
    const constants = node.inputs.filter((input) => input !== null && !inside.has(input));
    const shapes = constants.map((constant) => {
      const stored = storedTensor(constant);
      return stored?.dtype === "float32" ? stored.shape : null;
    });
    if (isOp(node, "BatchNormalization")) return isInference(node) && !shapes.includes(null);
    return isOp(node, ...ELEMENTWISE) && shapes.every((own) => own && isAlike(own, shape));
  });
}

function isInference(norm: Node): boolean {
  const statistics = norm.outputs.slice(1).some((output) => output);
  const isPerChannel = intAttribute(norm, "spatial", 1) === 1;
  return !statistics && isPerChannel && intAttribute(norm, "training_mode", 0) === 0;
}

/** Whether a constant of this shape, stretched to that of the value, is the same at all positions of all samples. */
function isAlike(own: readonly number[], shape: readonly number[]): boolean {
  const before = shape.length - own.length;
  const size = (axis: number) => own[axis - before] ?? 1;
  return (
    before >= 0 &&
    range(shape.length).every((axis) => size(axis) === 1 || (axis === 1 && size(1) === shape[1]))
  );
}
