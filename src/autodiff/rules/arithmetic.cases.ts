import fc from "fast-check";
import {
  apart,
  awayFrom,
  between,
  type GradientCase,
} from "../../../tests/support/check-gradients.js";
import {
  anyShape,
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";
import { tensor } from "../../tensor/index.js";
import { product } from "../../util/math.js";

/** `count` shapes that broadcast, each with axes of size 1 and leading axes left out. */
function broadcasting(count: number): fc.Arbitrary<number[][]> {
  const each = fc.record({
    ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    dropped: fc.nat(4),
  });
  return fc
    .record({ full: anyShape(), each: fc.array(each, { minLength: count, maxLength: count }) })
    .map(({ full, each }) =>
      each.map(({ ones, dropped }) =>
        full.map((size, i) => (ones[i] ? 1 : size)).slice(Math.min(dropped, full.length)),
      ),
    );
}

/** Names shapes `a`, `b`, `c`. */
const named = (shapes: readonly number[][]) =>
  Object.fromEntries(shapes.map((shape, i) => ["abc"[i], shape]));

/** Reads `a`, `b`, `c` in order, as many as there are. */
const inOrder = <T>(inputs: Readonly<Record<string, T>>): T[] =>
  Object.keys(inputs)
    .sort()
    .map((name) => inputs[name]);

const pairs = fc.record({ shapes: broadcasting(2), opset: opsetFrom(9) });

export const arithmeticCases: readonly GradientCheck[] = [
  ...["Add", "Sub", "Mul", "Div"].map((op) =>
    property(op, "shapes that broadcast", pairs, ({ shapes, opset }) => ({
      shapes: named(shapes),
      values: (name, shape, rng) =>
        name === "b" && op === "Div" ? between(rng, shape, 0.7, 2) : awayFrom(rng, shape),
      write: (g, { a, b }) => g.op(op, [a, b]),
      opset,
    })),
  ),

  ...["Add", "Mul"].map((op) =>
    examples(op, "of a value with itself", {
      shapes: { x: [2, 3] },
      write: (g, { x }) => g.op(op, [x, x]),
    }),
  ),

  examples(
    "Mul",
    "of long rows that broadcast",
    { shapes: { a: [2, 2, 11, 13], b: [2, 2, 1, 1] }, write: (g, { a, b }) => g.op("Mul", [a, b]) },
    { shapes: { a: [2, 1, 137], b: [2, 137] }, write: (g, { a, b }) => g.op("Mul", [a, b]) },
    { shapes: { a: [], b: [2, 151] }, write: (g, { a, b }) => g.op("Mul", [a, b]) },
    { shapes: { a: [1, 2, 1], b: [2, 2, 139] }, write: (g, { a, b }) => g.op("Mul", [a, b]) },
  ),

  ...["Sum", "Mean", "Max", "Min"].map((op) =>
    property(
      op,
      "one to three inputs that broadcast",
      fc.record({
        shapes: fc.oneof(broadcasting(1), broadcasting(2), broadcasting(3)),
        order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        opset: opsetFrom(9),
      }),
      ({ shapes, order, opset }) => ({
        shapes: named(shapes),
        // Every input on a grid of its own, so that none equals another's.
        values: (name, shape, rng) =>
          apart(rng, shape, 0.3).map((x) => x + order["abc".indexOf(name)] * 0.1),
        write: (g, inputs) => g.op(op, inOrder(inputs)),
        opset,
      }),
      { runs: 20 },
    ),
  ),

  property("Pow", "by base and by exponent", pairs, ({ shapes, opset }) => ({
    shapes: named(shapes),
    values: (name, shape, rng) => between(rng, shape, name === "a" ? 0.6 : -2, 2),
    write: (g, { a, b }) => g.op("Pow", [a, b]),
    opset,
  })),

  examples("Pow", "negative numbers by whole exponents of another type", {
    shapes: { a: [2, 4] },
    write: (g, { a }) =>
      g.op("Pow", [a, g.constant(tensor(BigInt64Array.of(0n, 1n, 2n, 3n), [4]))]),
  }),

  property(
    "Clip",
    "by input and bounds",
    fc.record({
      shape: anyShape(),
      bounds: fc.constantFrom([-0.5, 0.7], [0, 6]),
      opset: opsetFrom(11),
    }),
    ({ shape, bounds: [low, high], opset }) => ({
      shapes: { x: shape, low: [], high: [] },
      values: (name, size, rng) =>
        name === "x"
          ? awayFrom(rng, size, low, high)
          : Float32Array.of(name === "low" ? low : high),
      write: (g, { x, low, high }) => g.op("Clip", [x, low, high]),
      opset,
    }),
  ),

  examples(
    "Clip",
    "one bound, no bound, and attributes before opset 11",
    ...[[], ["low"], ["high"]].map(
      (given): GradientCase => ({
        shapes: { x: [20] },
        values: (_, shape, rng) => awayFrom(rng, shape, 0, 0.5),
        write: (g, { x }) => {
          const [low, high] = [given.includes("low"), given.includes("high")];
          return g.op("Clip", [x, low ? g.scalar(0) : null, high ? g.scalar(0.5) : null]);
        },
      }),
    ),
    {
      shapes: { x: [20] },
      values: (_, shape, rng) => awayFrom(rng, shape, 0, 0.5),
      write: (g, { x }) =>
        g.op("Clip", [x], {
          min: { type: "float", value: 0 },
          max: { type: "float", value: 0.5 },
        }),
      opset: 9,
    },
  ),

  property(
    "Where",
    "a condition and two inputs that broadcast",
    fc.record({
      shapes: broadcasting(3),
      truths: fc.infiniteStream(fc.nat(1)),
      opset: opsetFrom(9),
    }),
    ({ shapes: [a, b, condition], truths, opset }) => ({
      shapes: { a, b },
      write: (g, { a, b }) => {
        const bits = Uint8Array.from({ length: product(condition) }, () => truths.next().value!);
        return g.op("Where", [g.constant(tensor(bits, condition, "bool")), a, b]);
      },
      opset,
    }),
  ),
];
