import { floatAttribute, stringAttribute } from "../../graph/index.js";
import type { GradientBuilder } from "../gradient-builder.js";
import type { Rule } from "../rule.js";
import type { Term } from "../term.js";
import { pointwise } from "./pointwise.js";

/** Activations of networks; at a kink at 0 they take the slope of the left side, as PyTorch's do. */

/** 1 where y is positive: a HardSigmoid of the steepest slope there is, in one pass where a comparison takes two. */
export const relu = pointwise((g, _x, y) =>
  g.unary("HardSigmoid", y, {
    alpha: { type: "float", value: 3e38 },
    beta: { type: "float", value: 0 },
  }),
);

/** `left` where x is not positive, a number where it is. */
function kinked(g: GradientBuilder, x: Term, left: Term | number, right: number): Term {
  return g.where(g.compare("Greater", x, 0), right, left);
}

export const leakyRelu = pointwise((g, x, _y, { node }) =>
  kinked(g, x, floatAttribute(node, "alpha", 0.01), 1),
);

/** y = slope x for x <= 0, with a slope that broadcasts to x. */
export const pRelu: Rule = ({ g, inputs: [x, slope], dy }) => [
  () => g.mul(dy, kinked(g, x!, slope!, 1)),
  () => g.sumTo(g.where(g.compare("Greater", x!, 0), 0, g.mul(dy, x!)), slope!.shape),
];

/** y = alpha (e^x - 1) for x <= 0, whose slope is y + alpha. */
export const elu = pointwise((g, x, y, { node }) =>
  kinked(g, x, g.add(y, floatAttribute(node, "alpha", 1)), 1),
);

/** Elu times gamma; the defaults are those of the specification (Selu-6). */
export const selu = pointwise((g, x, y, { node }) => {
  const alpha = floatAttribute(node, "alpha", 1.6732632423543772);
  const gamma = floatAttribute(node, "gamma", 1.0507009873554805);
  return kinked(g, x, g.add(y, alpha * gamma), gamma);
});

/** y = alpha (e^(x/alpha) - 1) for x <= 0, whose slope is y / alpha + 1. */
export const celu = pointwise((g, x, y, { node }) =>
  kinked(g, x, g.add(g.div(y, floatAttribute(node, "alpha", 1)), 1), 1),
);

export const sigmoid = pointwise((g, _x, y) => g.mul(y, g.sub(1, y)));

export const tanh = pointwise((g, _x, y) => g.sub(1, g.mul(y, y)));

/** y = alpha x + beta, cut to [0, 1]. */
export const hardSigmoid = pointwise((g, _x, y, { node }) => {
  const inside = g.mul(g.indicator("Greater", y, 0), g.indicator("Less", y, 1));
  return g.mul(inside, floatAttribute(node, "alpha", 0.2));
});

/** y = x (x + 3) / 6 between -3 and 3: slope x / 3 + 1/2. */
export const hardSwish = pointwise((g, x) => {
  const between = g.where(g.compare("Less", x, 3), g.add(g.div(x, 3), 0.5), 1);
  return g.where(g.compare("Greater", x, -3), between, 0);
});

/** log(1 + e^x) has the sigmoid as its slope. */
export const softplus = pointwise((g, x) => g.unary("Sigmoid", x));

/** y = x / (1 + |x|) */
export const softsign = pointwise((g, x) => {
  const bottom = g.add(g.unary("Abs", x), 1);
  return g.unary("Reciprocal", g.mul(bottom, bottom));
});

/** y = x t with t = tanh(softplus(x)), so y' = t + x (1 - t²) sigmoid(x). */
export const mish = pointwise((g, x) => {
  const t = g.unary("Tanh", g.unary("Softplus", x));
  return g.add(t, g.mul(g.mul(x, g.sub(1, g.mul(t, t))), g.unary("Sigmoid", x)));
});

/** Gelu, x Phi(x), or its approximation by tanh (Hendrycks and Gimpel, arXiv 1606.08415). */
export const gelu = pointwise((g, x, _y, { node }) =>
  stringAttribute(node, "approximate", "none") === "tanh" ? geluByTanh(g, x) : geluByErf(g, x),
);

/** Phi(x) + x phi(x), the normal distribution and its density. */
function geluByErf(g: GradientBuilder, x: Term): Term {
  const distribution = g.mul(g.add(g.unary("Erf", g.mul(x, Math.SQRT1_2)), 1), 0.5);
  const bell = g.unary("Exp", g.mul(g.mul(x, x), -0.5));
  return g.add(distribution, g.mul(g.mul(x, bell), 1 / Math.sqrt(2 * Math.PI)));
}

/** y = x (1 + t) / 2 with t = tanh(a (x + b x³)), so y' = (1 + t) / 2 + x (1 - t²) a (1 + 3 b x²) / 2. */
function geluByTanh(g: GradientBuilder, x: Term): Term {
  const [a, b] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = g.mul(x, x);
  const t = g.unary("Tanh", g.mul(g.mul(x, g.add(g.mul(square, b), 1)), a));
  const inner = g.mul(g.add(g.mul(square, 3 * b), 1), a / 2);
  const through = g.mul(g.mul(x, g.sub(1, g.mul(t, t))), inner);
  return g.add(g.mul(g.add(t, 1), 0.5), through);
}
