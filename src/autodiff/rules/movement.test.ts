import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";

describe("gradients of operators that move elements agree with central differences", () => {
  it.each([9, 13, 21])("Reshape, Flatten, Squeeze and Unsqueeze of opset %d", async (opset) => {
    const byInput = opset >= 13;
    await checkGradients({
      shapes: { x: [2, 1, 3] },
      write: (g, { x }) => {
        const squeezed = byInput
          ? g.op("Squeeze", [x, g.ints([1])])
          : g.op("Squeeze", [x], { axes: [1] });
        const unsqueezed = byInput
          ? g.op("Unsqueeze", [squeezed, g.ints([0, 3])])
          : g.op("Unsqueeze", [squeezed], { axes: [0, 3] });
        return g.op("Flatten", [g.reshape(unsqueezed, [0, 3, -1])], { axis: 2 });
      },
      opset,
    });
  });

  it("Transpose by any permutation, and reversed by default", async () => {
    for (const perm of [undefined, [2, 0, 1], [1, 2, 0], [0, 1, 2]])
      await checkGradients({
        shapes: { x: [2, 3, 4] },
        write: (g, { x }) => g.op("Transpose", [x], { perm }),
      });
  });

  it.each([
    [
      [3, 1],
      [2, 3, 4],
    ],
    [
      [3, 1],
      [1, 1],
    ],
    [[], [2, 2]],
  ])("Expand %j to %j", async (shape, to) => {
    await checkGradients({
      shapes: { x: shape },
      write: (g, { x }) => g.op("Expand", [x, g.ints(to)]),
    });
  });

  it.each([1, -1, 0])("Concat on axis %d, one value twice", async (axis) => {
    await checkGradients({
      shapes: { a: [2, 2], b: axis === 0 ? [1, 2] : [2, 1] },
      write: (g, { a, b }) => g.op("Concat", [a, b, a], { axis }),
    });
  });

  it.each([
    [11, [1, 3]],
    [11, undefined],
    [13, [3, 1]],
    [13, undefined],
  ])("Split of opset %d into %j, with one part unused", async (opset, sizes) => {
    for (const used of [0, 1])
      await checkGradients({
        shapes: { x: [2, 4] },
        write: (g, { x }) => {
          const inputs = sizes && opset >= 13 ? [x, g.ints(sizes)] : [x];
          const split = opset >= 13 ? undefined : sizes;
          return g.ops("Split", inputs, { axis: -1, split }, 2)[used];
        },
        opset,
      });
  });

  it("Split by num_outputs, where the last part is smaller", async () => {
    await checkGradients({
      shapes: { x: [7, 2] },
      write: (g, { x }) => {
        const [first, , last] = g.ops("Split", [x], { num_outputs: 3 }, 3);
        return g.op("Concat", [last, first, last], { axis: 0 });
      },
      opset: 18,
    });
  });

  it("Tile", async () => {
    const sketch = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      { minLength: 1, maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(sketch, async (axes) => {
        await checkGradients({
          shapes: { x: axes.map(([size]) => size) },
          write: (g, { x }) => g.op("Tile", [x, g.ints(axes.map(([, repeats]) => repeats))]),
        });
      }),
      { numRuns: 10, seed: 1 },
    );
  });

  it.each([
    ["DepthToSpace", { blocksize: 2 }, [2, 8, 2, 3]],
    ["DepthToSpace", { blocksize: 2, mode: "DCR" }, [1, 8, 3, 1]],
    ["DepthToSpace", { blocksize: 2, mode: "CRD" }, [1, 8, 3, 2]],
    ["SpaceToDepth", { blocksize: 2 }, [2, 3, 4, 2]],
  ])("%s %j", async (op, attributes, shape) => {
    await checkGradients({ shapes: { x: shape }, write: (g, { x }) => g.op(op, [x], attributes) });
  });
});
