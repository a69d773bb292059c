import fc from "fast-check";
import { describe, it } from "vitest";
import { apart, awayFrom, checkGradients } from "../../../tests/support/check-gradients.js";

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
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  reduced: fc.array(fc.nat(3), { maxLength: 3 }),
  keepdims: fc.integer({ min: 0, max: 1 }),
  fromEnd: fc.boolean(),
  opset: fc.constantFrom(9, 11, 13, 18, 21),
});

describe("gradients of reductions agree with central differences", () => {
  it.each(reductions)("%s over any axes, as attribute and as input", async (op) => {
    await fc.assert(
      fc.asyncProperty(sketch, async ({ shape, reduced, keepdims, fromEnd, opset }) => {
        const fromFront = [...new Set(reduced.map((axis) => axis % shape.length))];
        // Axes count from the end since opset 11.
        const axes = fromFront.map((axis) => (fromEnd && opset >= 11 ? axis - shape.length : axis));
        const asInput = opset >= axesInputSince(op);
        await checkGradients({
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
        });
      }),
      { numRuns: 20, seed: 8 },
    );
  });

  it("no axes and noop_with_empty_axes change nothing", async () => {
    await checkGradients({
      shapes: { x: [2, 3] },
      write: (g, { x }) => g.op("ReduceSum", [x], { noop_with_empty_axes: 1 }),
    });
  });

  it.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])("CumSum, exclusive=%d, reverse=%d", async (exclusive, reverse) => {
    await checkGradients({
      shapes: { x: [2, 3, 2] },
      write: (g, { x }) => g.op("CumSum", [x, g.ints([-2])], { exclusive, reverse }),
    });
  });
});
