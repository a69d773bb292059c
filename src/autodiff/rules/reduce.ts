import { intAttribute, intsAttribute } from "../../graph/index.js";
import { product, range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import type { Rule, RuleContext } from "../rule.js";
import type { Term } from "../term.js";
import { fromStart } from "./axis.js";

/** Reductions: the gradient of each result is spread over the elements it was made of. */

/** The axes a reduction runs over: an attribute at first, an input later; all when left out. */
function reducedAxes({ node, inputs: [x], integers }: RuleContext): number[] {
  const rank = x!.shape.length;
  const axes = intsAttribute(node, "axes") ?? integers(1);
  if (!axes || axes.length === 0)
    return intAttribute(node, "noop_with_empty_axes", 0) === 1 ? [] : range(rank);
  return axes.map((axis) => fromStart(axis, rank));
}

/** A reduced term with the axes it lost put back at size 1. */
function withAxes(context: RuleContext, reduced: Term, axes: readonly number[]): Term {
  const {
    g,
    inputs: [x],
  } = context;
  return g.reshape(
    reduced,
    x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
}

interface Parts {
  readonly x: Term;
  /** The result and its gradient, with the reduced axes at size 1. */
  readonly y: () => Term;
  readonly dy: Term;
  /** Elements that make up one result. */
  readonly count: number;
}

function reduction(gradient: (g: GradientBuilder, parts: Parts) => Term): Rule {
  return (context) => {
    const {
      g,
      inputs: [x],
      outputs: [y],
      dy,
    } = context;
    const axes = reducedAxes(context);
    return [
      () => {
        const parts = {
          x: x!,
          y: () => withAxes(context, y!, axes),
          dy: withAxes(context, dy, axes),
          count: product(axes.map((axis) => x!.shape[axis])),
        };
        return g.expand(gradient(g, parts), x!.shape);
      },
    ];
  };
}

export const reduceSum = reduction((_, { dy }) => dy);
export const reduceMean = reduction((g, { dy, count }) => g.div(dy, count));
export const reduceSumSquare = reduction((g, { x, dy }) => g.mul(g.mul(x, 2), dy));
export const reduceL1 = reduction((g, { x, dy }) => g.mul(g.unary("Sign", x), dy));

/** d|x|/dx = x/|x|, and 0 at the origin. */
export const reduceL2 = reduction((g, { x, y, dy }) => {
  const length = y();
  const isZero = g.indicator("Equal", length, 0);
  return g.div(g.mul(x, dy), g.add(length, isZero));
});

/** d log(sum e^x)/dx = e^(x - y) */
export const reduceLogSumExp = reduction((g, { x, y, dy }) =>
  g.mul(g.unary("Exp", g.sub(x, y())), dy),
);

/** ReduceMax and ReduceMin: equal winners share the gradient, as PyTorch's amax has it. */
export const reduceExtremum: Rule = (context) => {
  const {
    g,
    inputs: [x],
    outputs: [y],
    dy,
  } = context;
  const axes = reducedAxes(context);
  return [
    () => {
      const winners = g.indicator("Equal", x!, withAxes(context, y!, axes));
      return g.mul(g.div(winners, g.sum(winners, axes)), withAxes(context, dy, axes));
    },
  ];
};

/** CumSum: the gradient is summed the other way round. */
export const cumulativeSum: Rule = ({ g, node, inputs: [, axis], dy }) => {
  const attributes = {
    exclusive: intAttribute(node, "exclusive", 0),
    reverse: 1 - intAttribute(node, "reverse", 0),
  };
  return [() => g.op("CumSum", [dy, axis!], attributes, dy.shape)];
};
