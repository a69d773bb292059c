import fc from "fast-check";
import { describe, it } from "vitest";
import { apart, awayFrom, checkGradients } from "../../../tests/support/check-gradients.js";
import { scalar, tensor } from "../../tensor/index.js";

/** Two shapes that broadcast, each with axes of size 1 and axes left out. */
const broadcastPair = fc
  .record({
    full: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 0, maxLength: 4 }),
    ones: fc.infiniteStream(fc.boolean()),
    drops: fc.tuple(fc.nat(4), fc.nat(4)),
  })
  .map(({ full, ones, drops }) =>
    drops.map((drop) =>
      full.map((size) => (ones.next().value ? 1 : size)).slice(Math.min(drop, full.length)),
    ),
  );

describe("gradients of broadcasting arithmetic agree with central differences", () => {
  it.each(["Add", "Sub", "Mul", "Div", "Sum", "Mean"])("%s", async (op) => {
    await fc.assert(
      fc.asyncProperty(broadcastPair, async ([a, b]) => {
        await checkGradients({
          shapes: { a, b },
          values: (name, shape, rng) =>
            name === "b" && op === "Div"
              ? (rng.uniform(shape, 0.7, 2).data as Float32Array)
              : awayFrom(rng, shape),
          write: (g, { a, b }) => g.op(op, [a, b]),
        });
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  it.each(["Max", "Min"])("%s of three inputs", async (op) => {
    await fc.assert(
      fc.asyncProperty(broadcastPair, async ([a, b]) => {
        await checkGradients({
          shapes: { a, b, c: [2, 1] },
          // Every input on a grid of its own, so that none equals another's.
          values: (name, shape, rng) =>
            apart(rng, shape, 0.3).map((x) => x + "abc".indexOf(name) * 0.1),
          write: (g, { a, b, c }) => {
            const row = g.op("Reshape", [c, g.ints([2, 1, 1, 1, 1])]);
            return g.op(op, [a, b, row]);
          },
        });
      }),
      { numRuns: 12, seed: 6 },
    );
  });

  it("Pow, by base and by exponent", async () => {
    await fc.assert(
      fc.asyncProperty(broadcastPair, async ([a, b]) => {
        await checkGradients({
          shapes: { a, b },
          values: (name, shape, rng) =>
            rng.uniform(shape, name === "a" ? 0.6 : -2, 2).data as Float32Array,
          write: (g, { a, b }) => g.op("Pow", [a, b]),
        });
      }),
      { numRuns: 12, seed: 7 },
    );
  });

  it("Pow of negative numbers by whole exponents of another type", async () => {
    await checkGradients({
      shapes: { a: [2, 4] },
      write: (g, { a }) =>
        g.op("Pow", [a, g.constant(tensor(BigInt64Array.of(0n, 1n, 2n, 3n), [4]))]),
    });
  });

  it.each([
    [-0.5, 0.7],
    [0, 6],
  ])("Clip to [%d, %d], by input and bounds", async (low, high) => {
    await checkGradients({
      shapes: { x: [30], low: [], high: [] },
      values: (name, shape, rng) =>
        name === "x"
          ? awayFrom(rng, shape, low, high)
          : Float32Array.of(name === "low" ? low : high),
      write: (g, { x, low, high }) => g.op("Clip", [x, low, high]),
    });
  });

  it("Clip with one bound, and with attributes before opset 11", async () => {
    const values = (_: string, shape: readonly number[], rng: Parameters<typeof awayFrom>[0]) =>
      awayFrom(rng, shape, 0, 0.5);
    await checkGradients({
      shapes: { x: [20] },
      values,
      write: (g, { x }) => g.op("Clip", [x, null, g.scalar(0.5)]),
    });
    const max = { type: "float", value: 0.5 } as const;
    const min = { type: "float", value: 0 } as const;
    await checkGradients({
      shapes: { x: [20] },
      values,
      write: (g, { x }) => g.op("Clip", [x], { min, max }),
      opset: 9,
    });
  });

  it("Where", async () => {
    await checkGradients({
      shapes: { a: [2, 1], b: [3] },
      write: (g, { a, b }) =>
        g.op("Where", [g.constant(tensor(Uint8Array.of(1, 0, 0, 1, 1, 0), [2, 3], "bool")), a, b]),
    });
    await checkGradients({
      shapes: { a: [], b: [3] },
      write: (g, { a, b }) => g.op("Where", [g.constant(scalar(1, "bool")), a, b]),
    });
  });
});
