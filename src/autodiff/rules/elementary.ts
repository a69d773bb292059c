import type { Rule } from "../rule.js";
import { pointwise } from "./pointwise.js";

/** Functions of one number from the textbook. */

export const identity: Rule = ({ dy }) => [() => dy];
export const neg: Rule = ({ g, dy }) => [() => g.neg(dy)];

export const abs = pointwise((g, x) => g.unary("Sign", x));
export const exp = pointwise((_g, _x, y) => y);
export const log = pointwise((g, x) => g.unary("Reciprocal", x));
export const sqrt = pointwise((g, _x, y) => g.div(0.5, y));
export const reciprocal = pointwise((g, _x, y) => g.neg(g.mul(y, y)));
export const sin = pointwise((g, x) => g.unary("Cos", x));
export const cos = pointwise((g, x) => g.neg(g.unary("Sin", x)));

/** d erf(x)/dx = 2/sqrt(pi) exp(-x^2) */
export const erf = pointwise((g, x) =>
  g.mul(g.unary("Exp", g.neg(g.mul(x, x))), 2 / Math.sqrt(Math.PI)),
);
