import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableLog } from "./portable-log.js";

describe("portableLog", () => {
  it("is exact at 1 and at powers of two as far as e ln 2 is", () => {
    expect(portableLog(1)).toBe(0);
    expect(portableLog(2)).toBe(Math.LN2);
    expect(portableLog(0.25)).toBe(-2 * Math.LN2);
  });

  it("agrees with Math.log to 2^-51, a few units in the last place", () => {
    const agrees = (x: number) =>
      Math.abs(portableLog(x) - Math.log(x)) <= 2 ** -51 * Math.abs(Math.log(x));
    fc.assert(fc.property(fc.double({ min: 2 ** -1000, max: 2 ** 1000, noNaN: true }), agrees));
    fc.assert(fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), agrees), { numRuns: 1000 });
    for (const x of [1 - 2 ** -53, 1 + 2 ** -52, Math.SQRT2, Math.SQRT1_2, 2 ** -104])
      expect(agrees(x)).toBe(true);
  });
});
