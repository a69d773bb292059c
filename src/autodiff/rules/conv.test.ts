import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";

describe("gradient of Conv", () => {
  it("agrees with central differences for any groups, stride, dilation and padding", async () => {
    const axis = fc.record({
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      begin: fc.integer({ min: 0, max: 2 }),
      end: fc.integer({ min: 0, max: 2 }),
      extra: fc.integer({ min: 0, max: 2 }),
    });
    const shape = fc.record({
      batch: fc.integer({ min: 1, max: 2 }),
      groups: fc.integer({ min: 1, max: 3 }),
      ins: fc.integer({ min: 1, max: 2 }),
      outs: fc.integer({ min: 1, max: 2 }),
      axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
      opset: fc.constantFrom(9, 11, 17, 21),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ batch, groups, ins, outs, axes, opset }) => {
        const size = axes.map(
          ({ kernel, dilation, begin, end, extra }) =>
            Math.max(1, dilation * (kernel - 1) + 1 - begin - end) + extra,
        );
        await checkGradients({
          shapes: {
            x: [batch, groups * ins, ...size],
            w: [groups * outs, ins, ...axes.map(({ kernel }) => kernel)],
            b: [groups * outs],
          },
          write: (g, { x, w, b }) =>
            g.op("Conv", [x, w, b], {
              group: groups,
              strides: axes.map(({ stride }) => stride),
              dilations: axes.map(({ dilation }) => dilation),
              pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
            }),
          opset,
        });
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it.each(["SAME_UPPER", "SAME_LOWER", "VALID"])("knows auto_pad %s", async (autoPad) => {
    await checkGradients({
      shapes: { x: [1, 2, 5, 6], w: [4, 1, 3, 2] },
      write: (g, { x, w }) =>
        g.op("Conv", [x, w], { group: 2, strides: [2, 1], auto_pad: autoPad }),
    });
  });
});
