import { memo } from "../memo.js";
import type { Rule } from "../rule.js";
import { dotTo } from "./one-pass.js";

/** Operators of two or more inputs that broadcast: what was repeated is summed back. */

export const add: Rule = ({ g, inputs: [a, b], dy }) => [
  () => g.sumTo(dy, a!.shape),
  () => g.sumTo(dy, b!.shape),
];

export const sub: Rule = ({ g, inputs: [a, b], dy }) => [
  () => g.sumTo(dy, a!.shape),
  () => g.sumTo(g.neg(dy), b!.shape),
];

export const mul: Rule = ({ g, inputs: [a, b], dy }) => [
  () => dotTo(g, dy, b!, a!.shape),
  () => dotTo(g, dy, a!, b!.shape),
];

/** d(a/b)/db = -(a/b)/b */
export const div: Rule = ({ g, inputs: [a, b], outputs: [y], dy }) => [
  () => g.sumTo(g.div(dy, b!), a!.shape),
  () => g.sumTo(g.neg(g.div(g.mul(dy, y!), b!)), b!.shape),
];

/** d(a^b)/da = b a^(b-1), which is 0 where b is 0; d(a^b)/db = a^b ln a, taken as 0 where a is not positive. */
export const pow: Rule = ({ g, inputs: [a, exponent], outputs: [y], dy }) => {
  const b = memo(() => g.toFloat(exponent!)); // it may be whole numbers
  return [
    () => {
      const isZero = g.indicator("Equal", b(), 0);
      const slope = g.mul(b(), g.pow(a!, g.sub(b(), g.sub(1, isZero)))); // never 0 * a^-1
      return g.sumTo(g.mul(dy, slope), a!.shape);
    },
    () => {
      const isPositive = g.compare("Greater", a!, 0);
      const log = g.unary("Log", g.where(isPositive, a!, 1));
      return g.sumTo(g.mul(dy, g.where(isPositive, g.mul(y!, log), 0)), exponent!.shape);
    },
  ];
};

export const sum: Rule = ({ g, inputs, dy }) => inputs.map((x) => () => g.sumTo(dy, x!.shape));

export const mean: Rule = ({ g, inputs, dy }) =>
  inputs.map((x) => () => g.sumTo(g.div(dy, inputs.length), x!.shape));

/** The largest (Max) or smallest (Min) input gets the gradient; equal ones share it, as PyTorch's do. */
export const extremum: Rule = ({ g, inputs, outputs: [y], dy }) => {
  const winners = memo(() => inputs.map((x) => g.indicator("Equal", x!, y!)));
  const share = memo(() =>
    g.div(
      dy,
      winners().reduce((ties, winner) => g.add(ties, winner)),
    ),
  );
  return inputs.map((x, i) => () => g.sumTo(g.mul(share(), winners()[i]), x!.shape));
};

/** Clip: what was not clipped gets the gradient; the bounds get that of what they clipped. */
export const clip: Rule = ({ g, inputs: [x, low, high], outputs: [y], dy }) => [
  () => g.mul(dy, g.indicator("Equal", x!, y!)),
  () => g.sumTo(g.mul(dy, g.indicator("Less", x!, low!)), low!.shape),
  () => g.sumTo(g.mul(dy, g.indicator("Greater", x!, high!)), high!.shape),
];

export const where: Rule = ({ g, inputs: [condition, a, b], dy }) => [
  null,
  () => g.sumTo(g.where(condition!, dy, 0), a!.shape),
  () => g.sumTo(g.where(condition!, 0, dy), b!.shape),
];
