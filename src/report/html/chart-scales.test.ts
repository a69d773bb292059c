import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costScale, groupsScale } from "./chart-scales.js";

const band = { top: 10, height: 100 };
const anyNumbers = fc.array(fc.double());

describe("costScale", () => {
  it.each([
    [[235_929_600], [0, 100_000_000, 200_000_000, 300_000_000]],
    [[100], [0, 50, 100]],
    [
      [3, 1],
      [0, 1, 2, 3],
    ],
    [[], [0, 0.5, 1]],
  ])("of %j has lines at %j", (values, ticks) =>
    expect(costScale(values, band).ticks).toEqual(ticks),
  );

  it("is even from the bottom to the top", () => {
    const { y } = costScale([100], band);
    expect([0, 25, 50, 100].map(y)).toEqual([110, 85, 60, 10]);
  });
});

describe("groupsScale", () => {
  it.each([
    [[512], [1, 4, 16, 64, 256]],
    [[32], [1, 2, 4, 8, 16, 32]],
    [[96], [1, 4, 16, 64]], // up to 128
    [[1], [1, 2]],
  ])("of %j has lines at %j", (values, ticks) =>
    expect(groupsScale(values, band).ticks).toEqual(ticks),
  );

  it("makes groups and channels per group add up to channels", () => {
    const { y, bottom } = groupsScale([256], band);
    const height = (value: number) => bottom - y(value);
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 4, 32, 64, 256), (groups) => {
        expect(height(groups) + height(256 / groups)).toBeCloseTo(height(256), 9);
      }),
    );
  });
});

describe.each([
  ["costScale", costScale],
  ["groupsScale", groupsScale],
])("%s", (_name, scale) => {
  it("keeps whatever numbers inside its band", () => {
    fc.assert(
      fc.property(anyNumbers, fc.double(), (values, other) => {
        const { y, ticks } = scale(values, band);
        for (const value of [...values, other, ...ticks]) {
          expect(y(value)).toBeGreaterThan(10 - 1e-9);
          expect(y(value)).toBeLessThan(110 + 1e-9);
        }
        expect(ticks.length).toBeLessThanOrEqual(8);
      }),
    );
  });

  it("puts larger values higher", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 10 ** 12 }), { minLength: 1 }), (values) => {
        const { y } = scale(values, band);
        const heights = values.toSorted((a, b) => a - b).map(y);
        expect(heights).toEqual(heights.toSorted((a, b) => b - a));
      }),
    );
  });
});
