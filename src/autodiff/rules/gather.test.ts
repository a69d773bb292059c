import { describe, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";
import { scalar, tensor } from "../../tensor/index.js";

describe("gradient of Gather agrees with central differences", () => {
  // Before opset 16 by a matrix of ones, from 16 on by ScatterND.
  describe.each([9, 13, 16, 21])("opset %d", (opset) => {
    it.each([
      [[4, 2], 0, [2, 0, 2, 2]],
      [[2, 4], 1, [3, 1]],
      [[2, 3, 2], 1, [0, 0, 2]],
      [[2, 3, 2], -1, [1, 0]],
    ])("rows of %j on axis %d: %j", async (shape, axis, picked) => {
      await checkGradients({
        shapes: { x: shape },
        write: (g, { x }) => g.op("Gather", [x, g.ints(picked)], { axis }),
        opset,
      });
    });

    it("by a matrix of indices, and by a single one", async () => {
      const matrix = tensor(BigInt64Array.of(2n, 0n, 1n, 2n, 2n, 0n), [2, 3]);
      await checkGradients({
        shapes: { x: [2, 3, 2] },
        write: (g, { x }) => g.op("Gather", [x, g.constant(matrix)], { axis: 1 }),
        opset,
      });
      await checkGradients({
        shapes: { x: [2, 3, 2] },
        write: (g, { x }) => g.op("Gather", [x, g.constant(scalar(1, "int64"))], { axis: 1 }),
        opset,
      });
    });
  });

  it.each([13, 16])("by negative indices, opset %d", async (opset) => {
    await checkGradients({
      shapes: { x: [4, 2] },
      write: (g, { x }) => g.op("Gather", [x, g.ints([-1, 0, -4])]),
      opset,
    });
  });
});
