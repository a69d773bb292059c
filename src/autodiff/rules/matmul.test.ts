import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";

const flag = fc.integer({ min: 0, max: 1 });

describe("gradients of matrix products agree with central differences", () => {
  it.each([
    [
      [2, 3],
      [3, 4],
    ],
    [[3], [3]],
    [[3], [3, 2]],
    [[2, 3], [3]],
    [[2, 2, 3], [3]],
    [[3], [2, 3, 2]],
    [
      [2, 1, 2, 3],
      [3, 3, 2],
    ],
    [
      [1, 2, 3],
      [2, 3, 1],
    ],
  ])("MatMul of %j and %j", async (a, b) => {
    await checkGradients({ shapes: { a, b }, write: (g, { a, b }) => g.op("MatMul", [a, b]) });
  });

  it("Gemm, transposed or not, scaled, with and without a bias that broadcasts", async () => {
    const sketch = fc.record({
      transA: flag,
      transB: flag,
      bias: fc.constantFrom(null, [], [1], [4], [2, 1], [2, 4]),
      alpha: fc.constantFrom(1, 0.5),
      beta: fc.constantFrom(1, 2),
    });
    await fc.assert(
      fc.asyncProperty(sketch, async ({ transA, transB, bias, alpha, beta }) => {
        await checkGradients({
          shapes: {
            a: transA ? [3, 2] : [2, 3],
            b: transB ? [4, 3] : [3, 4],
            ...(bias && { c: bias }),
          },
          write: (g, { a, b, c }) =>
            g.op("Gemm", c ? [a, b, c] : [a, b], {
              transA,
              transB,
              alpha: { type: "float", value: alpha },
              beta: { type: "float", value: beta },
            }),
        });
      }),
      { numRuns: 40, seed: 2 },
    );
  });
});
