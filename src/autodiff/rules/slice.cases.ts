import fc from "fast-check";
import {
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

const axis = fc
  .record({
    size: fc.integer({ min: 1, max: 6 }),
    start: fc.integer({ min: -8, max: 8 }),
    end: fc.integer({ min: -8, max: 8 }),
    step: fc.constantFrom(-3, -2, -1, 1, 2, 3),
  })
  .filter(({ size, start, end, step }) => picked(size, start, end, step) > 0);

export const sliceCases: readonly GradientCheck[] = [
  property(
    "Slice",
    "any start, end and step, also backwards",
    fc.record({ axes: fc.array(axis, { minLength: 1, maxLength: 2 }), opset: opsetFrom(10) }),
    ({ axes, opset }) => ({
      shapes: { x: [2, ...axes.map(({ size }) => size)] },
      write: (g, { x }) =>
        g.op("Slice", [
          x,
          g.ints(axes.map(({ start }) => start)),
          g.ints(axes.map(({ end }) => end)),
          g.ints(axes.map((_, i) => i - axes.length)),
          g.ints(axes.map(({ step }) => step)),
        ]),
      opset,
    }),
    { runs: 40, seed: 9 },
  ),

  examples("Slice", "to the end, as exporters write it", {
    shapes: { x: [3, 5] },
    write: (g, { x }) => g.op("Slice", [x, g.ints([1, 2]), g.ints([2 ** 40, 2 ** 40])]),
  }),

  examples("Slice", "by attributes in opset 9", {
    shapes: { x: [3, 5] },
    write: (g, { x }) => g.op("Slice", [x], { starts: [1, -4], ends: [9, 3], axes: [0, 1] }),
    opset: 9,
  }),
];

/** Elements that numpy's `x[start:end:step]` has. */
function picked(size: number, start: number, end: number, step: number): number {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (at: number) => Math.max(low, Math.min(high, at < 0 ? at + size : at));
  return Math.ceil((clamp(end) - clamp(start)) / step);
}
