import fc from "fast-check";
import {
  anyShape,
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";
import { range } from "../../util/math.js";

const withOpset = (since: number) => fc.record({ shape: anyShape(1), opset: opsetFrom(since) });

/** Axes as the attribute they were, or as the input they became with opset 13. */
const axesOf = (op: "Squeeze" | "Unsqueeze") =>
  property(
    op,
    "any axes, as attribute and as input",
    fc.record({
      shape: anyShape(1, 3),
      // At least one: for none, the runtime infers that nothing is squeezed, and squeezes all.
      marked: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }).map((rest) => [true, ...rest]),
      fromEnd: fc.boolean(),
      opset: opsetFrom(9),
    }),
    ({ shape, marked, fromEnd, opset }) => {
      // Marked axes have size 1 in the longer of the two shapes.
      const long = shape.flatMap((size, i) => (marked[i] ? [1, size] : [size]));
      const ones = shape.flatMap((_, i) => (marked[i] ? [true, false] : [false]));
      const places = range(long.length).filter((i) => ones[i]);
      // Axes count from the end since opset 11.
      const axes = places.map((axis) => (fromEnd && opset >= 11 ? axis - long.length : axis));
      return {
        shapes: { x: op === "Squeeze" ? long : shape },
        write: (g, { x }) => (opset >= 13 ? g.op(op, [x, g.ints(axes)]) : g.op(op, [x], { axes })),
        opset,
      };
    },
  );

const parts = fc.record({
  shape: anyShape(1),
  named: fc.nat(3),
  fromEnd: fc.boolean(),
  sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  opset: opsetFrom(9),
});

const blocks = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  channels: fc.integer({ min: 1, max: 2 }),
  height: fc.integer({ min: 1, max: 3 }),
  width: fc.integer({ min: 1, max: 3 }),
  blocksize: fc.integer({ min: 1, max: 3 }),
});

export const movementCases: readonly GradientCheck[] = [
  property("Reshape", "flat, and with sizes left to the runtime", withOpset(9), (drawn) => ({
    shapes: { x: drawn.shape },
    write: (g, { x }) => g.reshape(g.reshape(x, [-1]), [1, ...drawn.shape]),
    opset: drawn.opset,
  })),

  examples("Reshape", "0 keeps a size", {
    shapes: { x: [2, 3, 2] },
    write: (g, { x }) => g.reshape(x, [0, -1]),
  }),

  property(
    "Flatten",
    "any axis",
    fc.record({ shape: anyShape(1), named: fc.option(fc.nat(4)), opset: opsetFrom(9) }),
    ({ shape, named, opset }) => ({
      shapes: { x: shape },
      write: (g, { x }) =>
        g.op("Flatten", [x], { axis: named === null ? undefined : named % (shape.length + 1) }),
      opset,
    }),
  ),

  axesOf("Squeeze"),
  axesOf("Unsqueeze"),

  examples("Squeeze", "every axis of size 1 when none is named", {
    shapes: { x: [1, 2, 1, 3] },
    write: (g, { x }) => g.op("Squeeze", [x]),
  }),

  property(
    "Transpose",
    "any permutation, and reversed when it is left out",
    fc.record({
      axes: anyShape(1).chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          perm: fc.option(fc.shuffledSubarray(range(shape.length), { minLength: shape.length }), {
            nil: undefined,
          }),
        }),
      ),
      opset: opsetFrom(9),
    }),
    ({ axes: { shape, perm }, opset }) => ({
      shapes: { x: shape },
      write: (g, { x }) => g.op("Transpose", [x], { perm }),
      opset,
    }),
  ),

  property(
    "Expand",
    "new axes in front, and axes of size 1 on either side",
    fc.record({
      full: anyShape(),
      ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      ofTarget: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      dropped: fc.nat(4),
      opset: opsetFrom(9),
    }),
    ({ full, ones, ofTarget, dropped, opset }) => ({
      shapes: {
        x: full.map((size, i) => (ones[i] ? 1 : size)).slice(Math.min(dropped, full.length)),
      },
      // An axis that the input has anyway may be 1 in the target.
      write: (g, { x }) =>
        g.op("Expand", [
          x,
          g.ints(full.map((size, i) => (ofTarget[i] && !ones[i] && i >= dropped ? 1 : size))),
        ]),
      opset,
    }),
  ),

  property(
    "Concat",
    "any axis, any number of parts, one value twice",
    parts,
    ({ shape, named, fromEnd, sizes, opset }) => {
      const axis = named % shape.length;
      const names = sizes.map((_, i) => "abc"[i]);
      return {
        shapes: Object.fromEntries(sizes.map((size, i) => [names[i], shape.with(axis, size)])),
        write: (g, inputs) =>
          g.op("Concat", [...names.map((name) => inputs[name]), inputs.a], {
            axis: fromEnd && opset >= 11 ? axis - shape.length : axis,
          }),
        opset,
      };
    },
  ),

  property(
    "Split",
    "any axis and sizes, as attribute and as input, with parts unused",
    fc.record({ parts, used: fc.nat(2) }),
    ({ parts: { shape, named, fromEnd, sizes, opset }, used }) => {
      const axis = named % shape.length;
      return {
        shapes: {
          x: shape.with(
            axis,
            sizes.reduce((a, b) => a + b),
          ),
        },
        write: (g, { x }) => {
          const inputs = opset >= 13 ? [x, g.ints(sizes)] : [x];
          const attributes = {
            axis: fromEnd && opset >= 11 ? axis - shape.length : axis,
            split: opset >= 13 ? undefined : sizes,
          };
          return g.ops("Split", inputs, attributes, sizes.length)[used % sizes.length];
        },
        opset,
      };
    },
    { runs: 20 },
  ),

  ...[11, 13].map((opset) =>
    examples("Split", `into halves, opset ${opset}`, {
      shapes: { x: [2, 4] },
      write: (g, { x }) => {
        const [first, second] = g.ops("Split", [x], { axis: -1 }, 2);
        return g.op("Mul", [first, second]);
      },
      opset,
    }),
  ),

  examples("Split", "by num_outputs, where the last part is smaller, opset 18", {
    shapes: { x: [7, 2] },
    write: (g, { x }) => {
      const [first, , last] = g.ops("Split", [x], { num_outputs: 3 }, 3);
      return g.op("Concat", [last, first, last], { axis: 0 });
    },
    opset: 18,
  }),

  property(
    "Tile",
    "any shape",
    fc.record({
      axes: fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), {
        minLength: 1,
        maxLength: 3,
      }),
      opset: opsetFrom(9),
    }),
    ({ axes, opset }) => ({
      shapes: { x: axes.map(([size]) => size) },
      write: (g, { x }) => g.op("Tile", [x, g.ints(axes.map(([, repeats]) => repeats))]),
      opset,
    }),
  ),

  ...["left out", "DCR", "CRD"].map((mode) =>
    property(
      "DepthToSpace",
      `mode ${mode}`,
      fc.record({ blocks, opset: opsetFrom(mode === "left out" ? 9 : 11) }),
      ({ blocks: { batch, channels, height, width, blocksize }, opset }) => ({
        shapes: { x: [batch, channels * blocksize ** 2, height, width] },
        write: (g, { x }) =>
          g.op("DepthToSpace", [x], { blocksize, mode: mode === "left out" ? undefined : mode }),
        opset,
      }),
    ),
  ),

  property(
    "SpaceToDepth",
    "any block",
    fc.record({ blocks, opset: opsetFrom(9) }),
    ({ blocks: { batch, channels, height, width, blocksize }, opset }) => ({
      shapes: { x: [batch, channels, height * blocksize, width * blocksize] },
      write: (g, { x }) => g.op("SpaceToDepth", [x], { blocksize }),
      opset,
    }),
  ),
];
