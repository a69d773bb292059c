import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { range } from "../util/math.js";
import { Parts } from "./parts.js";

const SIZE = 12;

/** The part of each number by painting: every join gives all of the same colours one colour. */
function paint(joins: readonly (readonly number[])[]): number[] {
  let colours = range(SIZE);
  for (const join of joins) {
    const joined = new Set(join.map((number) => colours[number]));
    colours = colours.map((colour) => (joined.has(colour) ? Math.min(...joined) : colour));
  }
  return colours;
}

describe("Parts", () => {
  it("counts the parts of all numbers and of some", () => {
    const numbers = fc.array(fc.integer({ min: 0, max: SIZE - 1 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 12 }), numbers, (joins, some) => {
        const parts = new Parts(SIZE);
        for (const join of joins) parts.join(join);
        const colours = paint(joins);
        expect(parts.count).toBe(new Set(colours).size);
        expect(parts.countAmong(some)).toBe(new Set(some.map((number) => colours[number])).size);
      }),
    );
  });
});
