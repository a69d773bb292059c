import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";

describe("gradient of Pad agrees with central differences", () => {
  it.each([
    ["constant", 11],
    ["constant", 18],
    ["edge", 11],
    ["reflect", 13],
    ["wrap", 19],
  ])("mode %s, opset %d", async (mode, opset) => {
    const axis = fc.record({
      size: fc.integer({ min: 3, max: 4 }),
      before: fc.integer({ min: mode === "constant" ? -1 : 0, max: 2 }),
      after: fc.integer({ min: mode === "constant" ? -1 : 0, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 3 }), async (axes) => {
        const pads = [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)];
        await checkGradients({
          shapes: { x: axes.map(({ size }) => size) },
          write: (g, { x }) => g.op("Pad", [x, g.ints(pads)], { mode }),
          opset,
        });
      }),
      { numRuns: 15, seed: 10 },
    );
  });

  it("of named axes, opset 18", async () => {
    for (const mode of ["constant", "reflect"])
      await checkGradients({
        shapes: { x: [2, 3, 4] },
        write: (g, { x }) => g.op("Pad", [x, g.ints([1, 2]), null, g.ints([-2])], { mode }),
        opset: 18,
      });
  });

  it("by attributes in opset 9", async () => {
    for (const mode of ["constant", "edge"])
      await checkGradients({
        shapes: { x: [2, 3] },
        write: (g, { x }) => g.op("Pad", [x], { mode, pads: [0, 1, 1, 2] }),
        opset: 9,
      });
  });
});
