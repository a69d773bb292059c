import { floatAttribute, intAttribute } from "../../graph/index.js";
import type { GradientBuilder } from "../gradient-builder.js";
import { memo } from "../memo.js";
import type { Rule } from "../rule.js";
import type { Term } from "../term.js";

/**
 * MatMul with batch axes broadcast: `da = dy b^T`, `db = a^T dy`. A vector is a matrix of one row (first
 * input) or one column (second), as numpy has it.
 */
export const matMul: Rule = ({ g, inputs: [a, b], dy }) => {
  const [isRow, isColumn] = [a!.shape.length === 1, b!.shape.length === 1];
  const left = memo(() => (isRow ? g.reshape(a!, [1, ...a!.shape]) : a!));
  const right = memo(() => (isColumn ? g.reshape(b!, [...b!.shape, 1]) : b!));
  const matrix = memo(() => {
    const batch = dy.shape.slice(0, dy.shape.length - (isRow ? 0 : 1) - (isColumn ? 0 : 1));
    const rows = isRow ? 1 : a!.shape.at(-2)!;
    return g.reshape(dy, [...batch, rows, isColumn ? 1 : b!.shape.at(-1)!]);
  });
  return [
    () => {
      const da = g.matMul(matrix(), right(), { transB: true });
      return g.reshape(g.sumTo(da, isRow ? [1, ...a!.shape] : a!.shape), a!.shape);
    },
    () => {
      const db = g.matMul(left(), matrix(), { transA: true });
      return g.reshape(g.sumTo(db, isColumn ? [...b!.shape, 1] : b!.shape), b!.shape);
    },
  ];
};

/** y = alpha A' B' + beta C, where A' is A or its transpose. */
export const gemm: Rule = ({ g, node, inputs: [a, b, c], dy }) => {
  const [transA, transB] = [intAttribute(node, "transA", 0), intAttribute(node, "transB", 0)];
  const alpha = floatAttribute(node, "alpha", 1);
  const beta = floatAttribute(node, "beta", 1);
  return [
    () =>
      scale(
        g,
        transA
          ? g.matMul(b!, dy, { transA: transB === 1, transB: true })
          : g.matMul(dy, b!, { transB: transB === 0 }),
        alpha,
      ),
    () =>
      scale(
        g,
        transB
          ? g.matMul(dy, a!, { transA: true, transB: transA === 1 })
          : g.matMul(a!, dy, { transA: transA === 0 }),
        alpha,
      ),
    () => scale(g, g.sumTo(dy, c!.shape), beta),
  ];
};

function scale(g: GradientBuilder, x: Term, factor: number): Term {
  return factor === 1 ? x : g.mul(x, factor);
}
