import fc from "fast-check";
import { apart, awayFrom } from "../../../tests/support/check-gradients.js";
import {
  anyShape,
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

const reductions = [
  "ReduceMean",
  "ReduceSum",
  "ReduceMax",
  "ReduceMin",
  "ReduceL1",
  "ReduceL2",
  "ReduceLogSumExp",
  "ReduceSumSquare",
];
/** Since when the axes are an input. */
const axesInputSince = (op: string) => (op === "ReduceSum" ? 13 : 18);

const sketch = fc.record({
  shape: anyShape(1, 4, 4),
  reduced: fc.array(fc.nat(3), { maxLength: 3 }),
  keepdims: fc.constantFrom(undefined, 0, 1),
  fromEnd: fc.boolean(),
  opset: opsetFrom(9),
});

export const reduceCases: readonly GradientCheck[] = [
  ...reductions.map((op) =>
    property(
      op,
      "any axes, as attribute and as input",
      sketch,
      ({ shape, reduced, keepdims, fromEnd, opset }) => {
        const fromFront = [...new Set(reduced.map((axis) => axis % shape.length))];
        // Axes count from the end since opset 11.
        const axes = fromFront.map((axis) => (fromEnd && opset >= 11 ? axis - shape.length : axis));
        const asInput = opset >= axesInputSince(op);
        return {
          shapes: { x: shape },
          values: (_, size, rng) =>
            op === "ReduceMax" || op === "ReduceMin" ? apart(rng, size) : awayFrom(rng, size, 0),
          write: (g, { x }) =>
            axes.length === 0
              ? g.op(op, [x], { keepdims })
              : asInput
                ? g.op(op, [x, g.ints(axes)], { keepdims })
                : g.op(op, [x], { keepdims, axes }),
          opset,
        };
      },
      { runs: 20, seed: 8 },
    ),
  ),

  ...["ReduceSum", "ReduceMean", "ReduceL2", "ReduceMax"].map((op) =>
    examples(op, "no axes and noop_with_empty_axes, opset 18", {
      shapes: { x: [2, 3] },
      values: (_, shape, rng) => apart(rng, shape),
      write: (g, { x }) => g.op(op, [x], { noop_with_empty_axes: 1 }),
      opset: 18,
    }),
  ),

  property(
    "CumSum",
    "any axis, forwards and backwards, with and without the element itself",
    fc.record({
      shape: anyShape(1),
      named: fc.nat(3),
      fromEnd: fc.boolean(),
      exclusive: fc.nat(1),
      reverse: fc.nat(1),
      opset: opsetFrom(11),
    }),
    ({ shape, named, fromEnd, exclusive, reverse, opset }) => ({
      shapes: { x: shape },
      write: (g, { x }) => {
        const axis = named % shape.length;
        const index = g.ints([fromEnd ? axis - shape.length : axis]);
        return g.op("CumSum", [x, index], { exclusive, reverse });
      },
      opset,
    }),
    { runs: 20 },
  ),
];
