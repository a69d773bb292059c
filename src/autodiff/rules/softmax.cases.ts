import fc from "fast-check";
import {
  anyShape,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

const sketch = fc.record({
  shape: anyShape(1),
  named: fc.option(fc.nat(3), { nil: undefined }),
  fromEnd: fc.boolean(),
  opset: opsetFrom(9),
});

export const softmaxCases: readonly GradientCheck[] = ["Softmax", "LogSoftmax"].map((op) =>
  property(
    op,
    "any axis, over all axes from it on before opset 13",
    // Before opset 13 the axis left out is 1, which a vector does not have.
    sketch.filter(
      ({ shape, named, opset }) => named !== undefined || opset >= 13 || shape.length > 1,
    ),
    ({ shape, named, fromEnd, opset }) => {
      const axis = named === undefined ? undefined : named % shape.length;
      return {
        shapes: { x: shape },
        write: (g, { x }) => {
          // Axes count from the end since opset 11.
          const counted = axis !== undefined && fromEnd && opset >= 11 ? axis - shape.length : axis;
          return g.op(op, [x], { axis: counted });
        },
        opset,
      };
    },
    { runs: 30 },
  ),
);
