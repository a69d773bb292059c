import fc from "fast-check";
import {
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

const modes: [mode: string | undefined, since: number][] = [
  [undefined, 11],
  ["constant", 11],
  ["edge", 11],
  ["reflect", 11],
  ["wrap", 19],
];

export const padCases: readonly GradientCheck[] = [
  ...modes.map(([mode, since]) => {
    const least = mode === undefined || mode === "constant" ? -1 : 0; // taking away is for constants
    const axis = fc.record({
      size: fc.integer({ min: 3, max: 4 }),
      before: fc.integer({ min: least, max: 2 }),
      after: fc.integer({ min: least, max: 2 }),
    });
    return property(
      "Pad",
      `mode ${mode ?? "left out"}, any rank`,
      fc.record({
        axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
        opset: opsetFrom(since),
      }),
      ({ axes, opset }) => ({
        shapes: { x: axes.map(({ size }) => size) },
        write: (g, { x }) => {
          const pads = [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)];
          return g.op("Pad", [x, g.ints(pads)], { mode });
        },
        opset,
      }),
      { runs: 15, seed: 10 },
    );
  }),

  ...["constant", "reflect"].map((mode) =>
    examples("Pad", `mode ${mode}, of named axes, opset 18`, {
      shapes: { x: [2, 3, 4] },
      write: (g, { x }) => g.op("Pad", [x, g.ints([1, 2]), null, g.ints([-2])], { mode }),
      opset: 18,
    }),
  ),

  ...["constant", "edge", "reflect"].map((mode) =>
    examples("Pad", `mode ${mode}, by attributes in opset 9`, {
      shapes: { x: [2, 3] },
      write: (g, { x }) => g.op("Pad", [x], { mode, pads: [0, 1, 1, 2] }),
      opset: 9,
    }),
  ),
];
