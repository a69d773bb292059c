import fc from "fast-check";
import {
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

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
  opset: opsetFrom(9),
});

export const convCases: readonly GradientCheck[] = [
  property(
    "Conv",
    "any groups, stride, dilation and padding, 1-d to 3-d",
    shape,
    ({ batch, groups, ins, outs, axes, opset }) => {
      const size = axes.map(
        ({ kernel, dilation, begin, end, extra }) =>
          Math.max(1, dilation * (kernel - 1) + 1 - begin - end) + extra,
      );
      return {
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
      };
    },
    { runs: 60, seed: 3 },
  ),

  property(
    "Conv",
    "stride 1, images larger than the window, thin and thick groups",
    fc.record({
      batch: fc.integer({ min: 1, max: 2 }),
      groups: fc.integer({ min: 1, max: 6 }),
      ins: fc.integer({ min: 1, max: 4 }),
      outs: fc.integer({ min: 1, max: 4 }),
      axes: fc.array(
        fc.record({
          kernel: fc.integer({ min: 1, max: 3 }),
          before: fc.nat(2),
          after: fc.nat(2),
          size: fc.integer({ min: 3, max: 5 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    ({ batch, groups, ins, outs, axes }) => ({
      shapes: {
        x: [batch, groups * ins, ...axes.map(({ size }) => size)],
        w: [groups * outs, ins, ...axes.map(({ kernel }) => kernel)],
      },
      write: (g, { x, w }) =>
        g.op("Conv", [x, w], {
          group: groups,
          pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
        }),
    }),
    { runs: 40 },
  ),

  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((autoPad) =>
    property("Conv", `auto_pad ${autoPad}`, shape, ({ batch, groups, ins, outs, axes, opset }) => ({
      shapes: {
        x: [
          batch,
          groups * ins,
          ...axes.map(({ kernel, dilation, extra }) => dilation * (kernel - 1) + 1 + extra),
        ],
        w: [groups * outs, ins, ...axes.map(({ kernel }) => kernel)],
      },
      write: (g, { x, w }) =>
        g.op("Conv", [x, w], {
          group: groups,
          strides: axes.map(({ stride }) => stride),
          // The runtime has no dilations with SAME.
          dilations: autoPad === "VALID" ? axes.map(({ dilation }) => dilation) : undefined,
          auto_pad: autoPad,
        }),
      opset,
    })),
  ),

  examples("Conv", "attributes left out, one kernel for two convolutions", {
    shapes: { x: [1, 2, 4, 4], w: [2, 2, 2, 2] },
    write: (g, { x, w }) => g.op("Conv", [g.op("Conv", [x, w]), w]),
  }),
];
