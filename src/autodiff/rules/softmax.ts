import { intAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import type { Rule, RuleContext } from "../rule.js";
import { fromStart } from "./axis.js";

/** Softmax over one axis (opset 13), or over all from one on (before): dx = y (dy - sum(dy y)). */
export const softmax: Rule = (context) => {
  const {
    g,
    outputs: [y],
    dy,
  } = context;
  const axes = softmaxAxes(context);
  return [() => g.mul(y!, g.sub(dy, g.sum(g.mul(dy, y!), axes)))];
};

/** dx = dy - softmax(x) sum(dy) */
export const logSoftmax: Rule = (context) => {
  const {
    g,
    outputs: [y],
    dy,
  } = context;
  const axes = softmaxAxes(context);
  return [() => g.sub(dy, g.mul(g.unary("Exp", y!), g.sum(dy, axes)))];
};

function softmaxAxes({ g, node, inputs: [x] }: RuleContext): number[] {
  const rank = x!.shape.length;
  const old = g.opset < 13;
  const axis = intAttribute(node, "axis", old ? 1 : -1);
  const first = fromStart(axis, rank);
  return old ? range(first, rank) : [first];
}
