import type { GradientBuilder } from "../gradient-builder.js";
import type { Rule, RuleContext } from "../rule.js";
import type { Term } from "../term.js";

/** f'(x) of y = f(x), written with x, y or both. */
export type Derivative = (g: GradientBuilder, x: Term, y: Term, context: RuleContext) => Term;

/** A function of one input, element by element: dx = dy f'(x). */
export function pointwise(derivative: Derivative): Rule {
  return (context) => {
    const {
      g,
      inputs: [x],
      outputs: [y],
      dy,
    } = context;
    return [() => g.mul(dy, derivative(g, x!, y!, context))];
  };
}
