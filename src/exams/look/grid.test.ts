import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { product, range } from "../../util/math.js";
import { gridOf, gridPositions } from "./grid.js";

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 });

describe("positions of each axis", () => {
  it.each([
    [[14, 14], 64, [8, 8]],
    [[14, 14], 196, [14, 14]],
    [[14, 14], 195, [14, 13]],
    [[20, 20], 48, [7, 6]],
    [[10, 1000], 40, [1, 40]], // a distance of 15.8 is longer than the first axis
    [[1, 1000], 40, [1, 40]],
    [[320, 80], 64, [16, 4]],
    [[100], 7, [7]],
    [[8, 8, 8], 8, [2, 2, 2]],
    [[2, 1000], 1000, [2, 500]],
    [[64, 2], 64, [32, 2]],
    [[2, 2, 1000], 2000, [2, 2, 500]],
    [[5, 50], 16, [2, 8]],
    [[5, 5], 1, [1, 1]],
  ])("of %j, at most %d: %j", (size, most, counts) => {
    expect(gridOf(size, most)).toEqual(counts);
  });

  it("are no more than allowed, and not much fewer", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 5000 }), (size, most) => {
        const counts = gridOf(size, most);
        for (const [axis, count] of counts.entries()) {
          expect(count).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThanOrEqual(size[axis]);
        }
        expect(product(counts)).toBeLessThanOrEqual(most);
        // The longest axis was cut last: one position more on it, and there were too many.
        const longest = Math.max(...counts);
        const more = 1 + 1 / Math.max(1, longest - 1);
        expect(product(counts) * more).toBeGreaterThanOrEqual(Math.min(most, product(size)));
      }),
    );
  });
});

describe("the grid of a sample", () => {
  it("stands in the middle of the first sample and elsewhere in the second", () => {
    // Rows floor((i + 0.5) 6 / 2) = 1, 4; columns floor((i + 0.5) 6 / 3) = 1, 3, 5.
    expect(gridPositions([6, 6], [2, 3], 0)).toEqual([7, 9, 11, 25, 27, 29]);
    // 1.3247 = x, x^3 = x + 1: shifts 0.5 + 0.7549 - 1 = 0.2549 and 0.5 + 0.5698 - 1 = 0.0698; rows 0, 3; columns 0, 2, 4.
    expect(gridPositions([6, 6], [2, 3], 1)).toEqual([0, 2, 4, 18, 20, 22]);
  });

  it("has each of its positions once, in order", () => {
    fc.assert(
      fc.property(sizes, fc.nat(10_000), fc.nat(3000), (size, sample, most) => {
        const counts = gridOf(size, most + 1);
        const places = gridPositions(size, counts, sample);
        expect(places).toHaveLength(product(counts));
        expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
        expect(places[0]).toBeGreaterThanOrEqual(0);
        expect(places.at(-1)).toBeLessThan(product(size));
      }),
    );
  });

  it.each([
    [[20, 20], 48],
    [[7, 9], 12],
    [[24, 24], 64],
    [[100], 13],
    [[4, 6, 8], 24],
  ])("meets every position of %j alike often over the samples", (size, most) => {
    const counts = gridOf(size, most);
    const samples = 2000;
    const met = range(product(size)).map(() => 0);
    for (const sample of range(samples))
      for (const place of gridPositions(size, counts, sample)) met[place]++;
    const expected = (samples * product(counts)) / product(size);
    for (const times of met) expect(Math.abs(times / expected - 1)).toBeLessThan(0.1);
  });
});
