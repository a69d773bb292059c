import { describe, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";
import type { Rng } from "../../tensor/index.js";

/** Variances are positive; scales and the rest are normal numbers. */
const values = (name: string, shape: readonly number[], rng: Rng) =>
  (name === "variance" ? rng.uniform(shape, 0.5, 2) : rng.normal(shape, 0, 1)).data as Float32Array;

const epsilon = { type: "float", value: 0.1 } as const;

describe("gradients of normalisations agree with central differences", () => {
  describe.each([[[3, 2]], [[2, 2, 3]], [[2, 3, 2, 2]], [[2, 1, 2, 1, 2]]])("of %j", (x) => {
    const c = [x[1]];

    it.each([9, 14, 17])("BatchNormalization in inference, opset %d", async (opset) => {
      await checkGradients({
        shapes: { x, scale: c, bias: c, mean: c, variance: c },
        values,
        write: (g, { x, scale, bias, mean, variance }) =>
          g.op("BatchNormalization", [x, scale, bias, mean, variance], { epsilon }),
        opset,
      });
    });

    it("BatchNormalization in training", async () => {
      await checkGradients({
        shapes: { x, scale: c, bias: c, mean: c, variance: c },
        values,
        write: (g, { x, scale, bias, mean, variance }) => {
          const inputs = [x, scale, bias, mean, variance];
          return g.ops("BatchNormalization", inputs, { epsilon, training_mode: 1 }, 3)[0];
        },
      });
    });
  });

  it.each([[[2, 2, 3]], [[1, 3, 2, 2]]])("InstanceNormalization of %j", async (x) => {
    await checkGradients({
      shapes: { x, scale: [x[1]], bias: [x[1]] },
      write: (g, { x, scale, bias }) =>
        g.op("InstanceNormalization", [x, scale, bias], { epsilon }),
    });
  });

  it.each([
    [[2, 4], -1, [4]],
    [[2, 3, 4], 1, [3, 4]],
    [[2, 3, 4], -2, [3, 4]],
    [[2, 3, 4], 1, [4]],
  ])("LayerNormalization of %j from axis %d, scale %j", async (x, axis, scale) => {
    await checkGradients({
      shapes: { x, scale, bias: scale },
      write: (g, { x, scale, bias }) =>
        g.op("LayerNormalization", [x, scale, bias], { axis, epsilon }),
    });
    await checkGradients({
      shapes: { x, scale },
      write: (g, { x, scale }) => g.op("LayerNormalization", [x, scale], { axis, epsilon }),
    });
  });

  it.each([
    [18, [2, 4, 3], 2],
    [18, [1, 6, 2, 2], 3],
    [21, [2, 4, 3], 2],
    [21, [1, 6, 2, 2], 3],
    [21, [2, 4, 3], 1],
    [21, [2, 4, 3], 4],
  ])("GroupNormalization, opset %d, of %j in %d groups", async (opset, x, groups) => {
    const vector = [opset >= 21 ? x[1] : groups];
    await checkGradients({
      shapes: { x, scale: vector, bias: vector },
      write: (g, { x, scale, bias }) =>
        g.op("GroupNormalization", [x, scale, bias], { num_groups: groups, epsilon }),
      opset,
    });
  });
});
