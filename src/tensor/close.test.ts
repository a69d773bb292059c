import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError, UsageError } from "../util/errors.js";
import { allClose, compare, maxDifference } from "./close.js";
import { tensor } from "./tensor.js";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("allClose", () => {
  it("is exact unless told otherwise", () => {
    expect(allClose([1, 2], [1, 2])).toBe(true);
    expect(allClose([1], [1 + Number.EPSILON])).toBe(false);
    expect(allClose([0], [-0])).toBe(true);
    expect(allClose([], [])).toBe(true);
  });

  it.each([
    // |a - b| <= atol + rtol * |b|
    { a: 1.5, b: 1, rtol: 0, atol: 0.5, close: true },
    { a: 1.5, b: 1, rtol: 0, atol: 0.49, close: false },
    { a: 12, b: 8, rtol: 0.5, atol: 0, close: true }, // 4 <= 4
    { a: 8, b: 12, rtol: 0.3, atol: 0, close: false }, // 4 > 3.6
    { a: -12, b: -8, rtol: 0.5, atol: 0, close: true },
    { a: 0.75, b: 0, rtol: 100, atol: 0, close: false }, // nothing is relative to 0
    { a: 15, b: 8, rtol: 0.5, atol: 3, close: true }, // 7 <= 3 + 4
    { a: 15.5, b: 8, rtol: 0.5, atol: 3, close: false },
  ])("$a against $b with rtol $rtol, atol $atol: $close", ({ a, b, rtol, atol, close }) => {
    expect(allClose([a], [b], { rtol, atol })).toBe(close);
  });

  it.each([
    [nan, nan, false, true],
    [nan, 0, false, false],
    [0, nan, false, false],
    [inf, inf, true, true],
    [inf, -inf, false, false],
    [1, inf, false, false],
    [inf, 1, false, false],
    [nan, inf, false, false],
  ])("%d against %d: %s, with equalNaN %s", (a, b, plain, equalNaN) => {
    const tolerance = { rtol: 1, atol: 1e9 };
    expect(allClose([a], [b], tolerance)).toBe(plain);
    expect(allClose([a], [b], { ...tolerance, equalNaN: true })).toBe(equalNaN);
  });

  it("agrees with the rule written out", () => {
    const number = fc.double({ noNaN: true, min: -8, max: 8 });
    const tolerance = fc.double({ noNaN: true, min: 0, max: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number)), tolerance, tolerance, (pairs, rtol, atol) => {
        const expected = pairs.every(([a, b]) => Math.abs(a - b) <= atol + rtol * Math.abs(b));
        expect(
          allClose(
            pairs.map(([a]) => a),
            pairs.map(([, b]) => b),
            { rtol, atol },
          ),
        ).toBe(expected);
      }),
    );
  });
});

describe("compare", () => {
  it("points at the first and the worst mismatch", () => {
    const actual = tensor([0, 1.25, 2, 3, 9, nan], [2, 3]);
    const expected = tensor([0, 1, 2, 3, 4, 5], [2, 3]);
    expect(compare(actual, expected)).toEqual({
      close: false,
      mismatches: 3,
      first: { index: [0, 1], actual: 1.25, expected: 1, difference: 0.25 },
      worst: { index: [1, 2], actual: nan, expected: 5, difference: inf },
      maxDifference: inf,
      message:
        "3 of 6 values differ by more than rtol=0, atol=0: " +
        "first at [0, 1], 1.25 where 1 is expected (difference 0.25); " +
        "worst at [1, 2], NaN where 5 is expected (difference Infinity)",
    });
  });

  it("names a lone mismatch once", () => {
    expect(compare([1, 2], [1, 4], { atol: 1 }).message).toBe(
      "1 of 2 values differ by more than rtol=0, atol=1: first at [1], 2 where 4 is expected (difference 2)",
    );
  });

  it("says how near a close result is", () => {
    const found = compare([1, 2.5], [1, 2], { rtol: 0.25 });
    expect(found).toMatchObject({ close: true, mismatches: 0, maxDifference: 0.5 });
    expect(found.first).toBeUndefined();
    expect(found.worst).toBeUndefined();
    expect(found.message).toBe(
      "all 2 values agree within rtol=0.25, atol=0; largest difference 0.5",
    );
  });

  it("the worst is worst among those out of tolerance", () => {
    const { worst, maxDifference: largest } = compare([110, 2], [100, 1], { rtol: 0.5 });
    expect(worst).toEqual({ index: [1], actual: 2, expected: 1, difference: 1 });
    expect(largest).toBe(10);
  });

  it("the worst may lie between others, and of equals it is the earlier", () => {
    const { first, worst } = compare([1, 3, 3, 2], [0, 0, 0, 0]);
    expect(first?.index).toEqual([0]);
    expect(worst?.index).toEqual([1]);
  });

  it("reads the values of any type", () => {
    expect(allClose(tensor([1, 2], [2], "float16"), tensor([1, 2], [2], "int8"))).toBe(true);
    expect(allClose(tensor(Uint8Array.of(0x21), [2], "uint4"), [1, 2])).toBe(true);
  });

  it("sees a difference of 1 between large whole numbers", () => {
    const a = tensor([2n ** 60n], [1]);
    const b = tensor([2n ** 60n + 1n], [1]);
    expect(maxDifference(a, b)).toBe(1);
    expect(allClose(a, a)).toBe(true);
    expect(maxDifference(a, [2 ** 60])).toBe(0);
  });

  it("gives a list the shape of the tensor it is compared with", () => {
    expect(compare([0, 0, 0, 7], tensor([0, 0, 0, 0], [2, 2])).first?.index).toEqual([1, 1]);
    expect(compare(tensor([5], []), [4]).first?.index).toEqual([]);
  });
});

describe("maxDifference", () => {
  it("is the largest absolute difference", () => {
    expect(maxDifference([1, -5, 3], [1, -1, 2])).toBe(4);
    expect(maxDifference([], [])).toBe(0);
    expect(maxDifference([inf], [inf])).toBe(0);
    expect(maxDifference([nan], [1])).toBe(inf);
    expect(maxDifference([nan, 1], [nan, 1])).toBe(inf);
    expect(maxDifference([nan, 1], [nan, 1], { equalNaN: true })).toBe(0);
  });
});

describe("bad input", () => {
  it("refuses other shapes and lengths", () => {
    expect(() => compare(tensor([1, 2], [2]), tensor([1, 2], [1, 2]))).toThrow(ShapeError);
    expect(() => compare(tensor([1, 2], [2]), tensor([1, 2], [1, 2]))).toThrow(
      "compare: shape [2] must be the expected shape [1,2]",
    );
    expect(() => allClose([1], [1, 2])).toThrow("compare: length=1 must be the expected length=2");
  });

  it.each([{ rtol: -1 }, { atol: -1 }, { rtol: nan }, { atol: nan }])("refuses %j", (tolerance) => {
    expect(() => allClose([1], [1], tolerance)).toThrow(UsageError);
  });
});
