import type { Value } from "../graph/index.js";
import type { GraphBuilder } from "../ops/index.js";

/** The operator set in which the axes became an input. */
const AXES_INPUT = { ReduceSum: 13, ReduceMean: 18, ReduceMax: 18 } as const;

/**
 * Reduces a value over axes as a model of this operator set has it.
 *
 * @param axes Null for all of them.
 */
export function reduce(
  g: GraphBuilder,
  opset: number,
  op: keyof typeof AXES_INPUT,
  x: Value,
  axes: readonly number[] | null,
  keepdims: 0 | 1 = 0,
): Value {
  if (axes === null) return g.op(op, [x], { keepdims });
  return opset >= AXES_INPUT[op]
    ? g.op(op, [x, g.ints(axes)], { keepdims })
    : g.op(op, [x], { axes, keepdims });
}
