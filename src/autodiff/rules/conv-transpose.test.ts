import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";

describe("gradient of ConvTranspose", () => {
  it("agrees with central differences for any groups, stride, dilation and padding", async () => {
    const axis = fc
      .record({
        size: fc.integer({ min: 1, max: 3 }),
        kernel: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 2 }),
        begin: fc.integer({ min: 0, max: 2 }),
        end: fc.integer({ min: 0, max: 2 }),
        extra: fc.integer({ min: 0, max: 2 }),
      })
      .map((drawn) => ({
        ...drawn,
        extra: Math.min(drawn.extra, drawn.stride - 1),
      }))
      .filter(({ size, kernel, stride, dilation, begin, end, extra }) => {
        const reach = stride * (size - 1) + dilation * (kernel - 1) + 1;
        return reach + extra - begin - end >= 1;
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
        await checkGradients({
          shapes: {
            x: [batch, groups * ins, ...axes.map(({ size }) => size)],
            w: [groups * ins, outs, ...axes.map(({ kernel }) => kernel)],
            b: [groups * outs],
          },
          write: (g, { x, w, b }) =>
            g.op("ConvTranspose", [x, w, b], {
              group: groups,
              strides: axes.map(({ stride }) => stride),
              dilations: axes.map(({ dilation }) => dilation),
              pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
              output_padding: axes.map(({ extra }) => extra),
            }),
          opset,
        });
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it.each(["SAME_UPPER", "SAME_LOWER", "VALID"])("knows auto_pad %s", async (autoPad) => {
    await checkGradients({
      shapes: { x: [1, 4, 3, 2], w: [4, 1, 3, 4] },
      write: (g, { x, w }) =>
        g.op("ConvTranspose", [x, w], { group: 2, strides: [2, 1], auto_pad: autoPad }),
    });
  });

  it.each([[[4, 3]], [[5, 4]], [[6, 4]]])("knows output_shape %j", async (outputShape) => {
    await checkGradients({
      shapes: { x: [1, 2, 3, 3], w: [2, 1, 2, 3] },
      write: (g, { x, w }) =>
        g.op("ConvTranspose", [x, w], { strides: [2, 1], output_shape: outputShape }),
    });
  });
});
