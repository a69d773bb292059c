import fc from "fast-check";
import {
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";
import type { GraphBuilder } from "../../ops/index.js";
import { tensor } from "../../tensor/index.js";

const floats = (g: GraphBuilder, ...numbers: number[]) =>
  g.constant(tensor(Float32Array.from(numbers), [numbers.length]));

const coordinateModes = [
  "half_pixel",
  "half_pixel_symmetric", // since opset 19
  "asymmetric",
  "align_corners",
  "pytorch_half_pixel",
];
const roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];
const small = fc.integer({ min: 1, max: 4 });
const pair = fc.tuple(small, small);

const ranks: [mode: string, shape: number[], sizes: number[]][] = [
  ["linear", [1, 2, 3], [1, 2, 5]],
  ["linear", [1, 1, 2, 3, 2], [1, 1, 3, 2, 4]],
  ["nearest", [1, 1, 2, 3, 2], [1, 1, 4, 3, 3]],
  ["nearest", [2, 3], [3, 2]],
  ["linear", [2, 3], [3, 5]],
];

export const resizeCases: readonly GradientCheck[] = [
  ...["nearest", "linear", "cubic"].map((mode) =>
    property(
      "Resize",
      `mode ${mode}, by scales and by sizes`,
      fc.record({
        size: pair,
        out: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
        coordinates: fc.constantFrom(undefined, ...coordinateModes),
        rounding: fc.constantFrom(undefined, ...roundings),
        bySizes: fc.boolean(),
        opset: opsetFrom(13),
      }),
      ({ size, out, coordinates, rounding, bySizes, opset }) => ({
        shapes: { x: [1, 2, ...size] },
        write: (g, { x }) => {
          // A tenth more than whole: the scale is not the quotient of the sizes.
          const scales = floats(g, 1, 1, ...out.map((count, i) => (count + 0.1) / size[i]));
          return g.op(
            "Resize",
            bySizes ? [x, null, null, g.ints([1, 2, ...out])] : [x, null, scales],
            {
              mode,
              coordinate_transformation_mode:
                opset < 19 && coordinates === "half_pixel_symmetric" ? "asymmetric" : coordinates,
              nearest_mode: mode === "nearest" ? rounding : undefined,
            },
          );
        },
        opset,
      }),
      { runs: 30, seed: 11 },
    ),
  ),

  ...ranks.map(([mode, shape, sizes]) =>
    examples("Resize", `mode ${mode}, [${shape}] to [${sizes}]`, {
      shapes: { x: shape },
      write: (g, { x }) => g.op("Resize", [x, null, null, g.ints(sizes)], { mode }),
    }),
  ),

  examples(
    "Resize",
    "opset 11, which demands a region of interest",
    {
      shapes: { x: [1, 1, 3, 2] },
      write: (g, { x }) =>
        g.op("Resize", [x, floats(g), floats(g, 1, 1, 2, 1.5)], { mode: "linear" }),
      opset: 11,
    },
    {
      shapes: { x: [1, 1, 3, 2] },
      write: (g, { x }) =>
        g.op("Resize", [x, floats(g), floats(g), g.ints([1, 1, 2, 5])], { mode: "nearest" }),
      opset: 11,
    },
  ),

  property(
    "Resize",
    "sizes of named axes, opset 18",
    fc.record({ size: pair, out: pair, axes: fc.constantFrom([2, 3], [3, 2], [-1, -2]) }),
    ({ size, out, axes }) => ({
      shapes: { x: [1, 2, ...size] },
      write: (g, { x }) => g.op("Resize", [x, null, null, g.ints(out)], { mode: "linear", axes }),
      opset: 18,
    }),
  ),

  examples("Resize", "cubic, without what lies outside", {
    shapes: { x: [1, 1, 4, 3] },
    write: (g, { x }) =>
      g.op("Resize", [x, null, null, g.ints([1, 1, 6, 5])], {
        mode: "cubic",
        exclude_outside: 1,
        cubic_coeff_a: { type: "float", value: -0.5 },
      }),
  }),

  examples("Resize", "tf_half_pixel_for_nn, opset 11", {
    shapes: { x: [1, 1, 4, 3] },
    write: (g, { x }) =>
      g.op("Resize", [x, floats(g), floats(g), g.ints([1, 1, 6, 5])], {
        mode: "nearest",
        coordinate_transformation_mode: "tf_half_pixel_for_nn",
      }),
    opset: 11,
  }),

  examples("Resize", "named axes, smoothed when it shrinks, opset 18", {
    shapes: { x: [1, 2, 6, 5] },
    write: (g, { x }) =>
      g.op("Resize", [x, null, floats(g, 0.5, 0.6)], {
        mode: "linear",
        axes: [2, 3],
        antialias: 1,
      }),
    opset: 18,
  }),

  ...["nearest", "linear"].flatMap((mode) => [
    examples("Resize", `mode ${mode}, opset 10`, {
      shapes: { x: [1, 2, 2, 3] },
      write: (g, { x }) => g.op("Resize", [x, floats(g, 1, 1, 2, 1.5)], { mode }),
      opset: 10,
    }),
    property(
      "Upsample",
      `mode ${mode}, opset 9`,
      fc.record({ size: pair, factors: pair }),
      ({ size, factors }) => ({
        shapes: { x: [1, 2, ...size] },
        write: (g, { x }) => g.op("Upsample", [x, floats(g, 1, 1, ...factors)], { mode }),
        opset: 9,
      }),
    ),
  ]),
];
