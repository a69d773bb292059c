import fc from "fast-check";
import { expect, it } from "vitest";
import { makeDivisible, nearestMultiple } from "./options.js";

it.each([
  [32 * 0.25, 8, 8],
  [16 * 0.75, 8, 16], // halves go up
  [24 * 0.75, 8, 24], // 16 is more than a tenth below 18
  [96 * 0.35, 8, 32], // 33.6, and 32 is not
  [3, 8, 8],
])("makeDivisible(%d, %d) is %d", (channels, divisor, expected) => {
  expect(makeDivisible(channels, divisor)).toBe(expected);
});

it("makeDivisible never takes over a tenth away", () => {
  fc.assert(
    fc.property(
      fc.float({ min: 1, max: 5000, noNaN: true }),
      fc.integer({ min: 1, max: 32 }),
      (c, divisor) => {
        const made = makeDivisible(c, divisor);
        expect(made % divisor).toBe(0);
        expect(made).toBeGreaterThanOrEqual(0.9 * c);
        expect(made).toBeLessThan(c + 1.5 * divisor);
      },
    ),
  );
});

it("nearestMultiple is at least one", () => {
  expect([0.1, 5, 6, 11.9, 12].map((channels) => nearestMultiple(channels, 4))).toEqual([
    4, 4, 8, 12, 12,
  ]);
});
