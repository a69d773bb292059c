import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";
import type { GraphBuilder } from "../../ops/index.js";
import { tensor } from "../../tensor/index.js";

const floats = (g: GraphBuilder, ...numbers: number[]) =>
  g.constant(tensor(Float32Array.from(numbers), [numbers.length]));

const coordinateModes = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"];

describe("gradient of Resize agrees with central differences", () => {
  it.each(["nearest", "linear", "cubic"])("mode %s, by scales and by sizes", async (mode) => {
    const sketch = fc.record({
      size: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      out: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
      coordinates: fc.constantFrom(...coordinateModes),
      rounding: fc.constantFrom("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
      bySizes: fc.boolean(),
      opset: fc.constantFrom(13, 18, 19),
    });
    await fc.assert(
      fc.asyncProperty(sketch, async ({ size, out, coordinates, rounding, bySizes, opset }) => {
        await checkGradients({
          shapes: { x: [1, 2, ...size] },
          write: (g, { x }) => {
            // A tenth more than whole: the scale is not the quotient of the sizes.
            const scales = floats(g, 1, 1, ...out.map((count, i) => (count + 0.1) / size[i]));
            return g.op(
              "Resize",
              bySizes ? [x, null, null, g.ints([1, 2, ...out])] : [x, null, scales],
              {
                mode,
                coordinate_transformation_mode: coordinates,
                nearest_mode: mode === "nearest" ? rounding : undefined,
              },
            );
          },
          opset,
        });
      }),
      { numRuns: 30, seed: 11 },
    );
  });

  it.each([
    ["linear", [1, 2, 3], [1, 2, 5]],
    ["linear", [1, 1, 2, 3, 2], [1, 1, 3, 2, 4]],
    ["nearest", [1, 1, 2, 3, 2], [1, 1, 4, 3, 3]],
    ["nearest", [2, 3], [3, 2]],
    ["linear", [2, 3], [3, 5]],
  ])("mode %s, %j to %j", async (mode, shape, sizes) => {
    await checkGradients({
      shapes: { x: shape },
      write: (g, { x }) => g.op("Resize", [x, null, null, g.ints(sizes)], { mode }),
    });
  });

  it("of opset 11, which demands a region of interest", async () => {
    await checkGradients({
      shapes: { x: [1, 1, 3, 2] },
      write: (g, { x }) =>
        g.op("Resize", [x, floats(g), floats(g, 1, 1, 2, 1.5)], { mode: "linear" }),
      opset: 11,
    });
    await checkGradients({
      shapes: { x: [1, 1, 3, 2] },
      write: (g, { x }) =>
        g.op("Resize", [x, floats(g), floats(g), g.ints([1, 1, 2, 5])], { mode: "nearest" }),
      opset: 11,
    });
  });

  it("of named axes, and smoothed when it shrinks (opset 18)", async () => {
    await checkGradients({
      shapes: { x: [1, 2, 6, 5] },
      write: (g, { x }) =>
        g.op("Resize", [x, null, floats(g, 0.5, 0.6)], {
          mode: "linear",
          axes: [2, 3],
          antialias: 1,
        }),
      opset: 18,
    });
  });

  it.each(["nearest", "linear"])(
    "before opset 11: Resize-10 and Upsample, mode %s",
    async (mode) => {
      await checkGradients({
        shapes: { x: [1, 2, 2, 3] },
        write: (g, { x }) => g.op("Resize", [x, floats(g, 1, 1, 2, 1.5)], { mode }),
        opset: 10,
      });
      await checkGradients({
        shapes: { x: [1, 2, 2, 3] },
        write: (g, { x }) => g.op("Upsample", [x, floats(g, 1, 1, 2, 3)], { mode }),
        opset: 9,
      });
    },
  );

  it("refuses modes it does not know by name", async () => {
    const refused = checkGradients({
      shapes: { x: [1, 1, 4, 4] },
      write: (g, { x }) =>
        g.op("Resize", [x, floats(g, 0, 0, 0, 0, 1, 1, 1, 1), null, g.ints([1, 1, 2, 2])], {
          mode: "linear",
          coordinate_transformation_mode: "tf_crop_and_resize",
        }),
    });
    await expect(refused).rejects.toThrow(
      'gradient of Resize "Resize": no rule for coordinate_transformation_mode="tf_crop_and_resize"',
    );
    const aspect = checkGradients({
      shapes: { x: [1, 1, 4, 4] },
      write: (g, { x }) =>
        g.op("Resize", [x, null, null, g.ints([2, 3])], {
          mode: "linear",
          axes: [2, 3],
          keep_aspect_ratio_policy: "not_larger",
        }),
      opset: 18,
    });
    await expect(aspect).rejects.toThrow('no rule for keep_aspect_ratio_policy="not_larger"');
  });
});
