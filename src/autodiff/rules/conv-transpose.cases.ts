import fc from "fast-check";
import {
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

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
  .map((drawn) => ({ ...drawn, extra: Math.min(drawn.extra, drawn.stride - 1) }))
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
  opset: opsetFrom(9),
});

export const convTransposeCases: readonly GradientCheck[] = [
  examples("ConvTranspose", "output padding alone is left", {
    // Each x reaches 1 row, of which the padding cuts 2: y is the output padding behind it.
    shapes: { x: [1, 1, 1], w: [1, 1, 1], b: [1] },
    write: (g, { x, w, b }) =>
      g.op("ConvTranspose", [x, w, b], { strides: [3], pads: [2, 0], output_padding: [2] }),
  }),

  property(
    "ConvTranspose",
    "any groups, stride, dilation, padding and output padding, 1-d to 3-d",
    shape,
    ({ batch, groups, ins, outs, axes, opset }) => ({
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
    }),
    { runs: 60, seed: 4 },
  ),

  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((autoPad) =>
    property(
      "ConvTranspose",
      `auto_pad ${autoPad}`,
      shape,
      ({ batch, groups, ins, outs, axes, opset }) => ({
        shapes: {
          x: [batch, groups * ins, ...axes.map(({ size }) => size)],
          w: [groups * ins, outs, ...axes.map(({ kernel }) => kernel)],
        },
        write: (g, { x, w }) =>
          g.op("ConvTranspose", [x, w], {
            group: groups,
            strides: axes.map(({ stride }) => stride),
            dilations: axes.map(({ dilation }) => dilation),
            auto_pad: autoPad,
          }),
        opset,
      }),
    ),
  ),

  ...[
    [4, 3],
    [5, 4],
    [6, 4],
  ].map((outputShape) =>
    examples("ConvTranspose", `output_shape ${outputShape}`, {
      shapes: { x: [1, 2, 3, 3], w: [2, 1, 2, 3] },
      write: (g, { x, w }) =>
        g.op("ConvTranspose", [x, w], { strides: [2, 1], output_shape: outputShape }),
    }),
  ),
];
