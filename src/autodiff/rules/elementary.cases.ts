import fc from "fast-check";
import { awayFrom, between } from "../../../tests/support/check-gradients.js";
import {
  anyShape,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

const anywhere = fc.record({ shape: anyShape(), opset: opsetFrom(9) });

export const elementaryCases: readonly GradientCheck[] = [
  ...["Neg", "Identity", "Exp", "Erf", "Sin", "Cos"].map((op) =>
    property(op, "any shape", anywhere, ({ shape, opset }) => ({
      shapes: { x: shape },
      write: (g, { x }) => g.op(op, [x]),
      opset,
    })),
  ),

  property("Abs", "any shape, away from 0", anywhere, ({ shape, opset }) => ({
    shapes: { x: shape },
    values: (_, size, rng) => awayFrom(rng, size, 0),
    write: (g, { x }) => g.op("Abs", [x]),
    opset,
  })),

  ...["Log", "Sqrt", "Reciprocal"].map((op) =>
    property(op, "any shape of positive numbers", anywhere, ({ shape, opset }) => ({
      shapes: { x: shape },
      values: (_, size, rng) => between(rng, size, 0.5, 3),
      write: (g, { x }) => g.op(op, [x]),
      opset,
    })),
  ),

  property("Reciprocal", "any shape of negative numbers", anywhere, ({ shape, opset }) => ({
    shapes: { x: shape },
    values: (_, size, rng) => between(rng, size, -3, -0.5),
    write: (g, { x }) => g.op("Reciprocal", [x]),
    opset,
  })),
];
