import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ceilDiv, divisors, gcd, isPowerOfTwo, pair, product, range, sum } from "./math.js";

describe("range", () => {
  it.each([
    [[4], [0, 1, 2, 3]],
    [[0], []],
    [[-2], []],
    [
      [2, 5],
      [2, 3, 4],
    ],
    [
      [-1, 1],
      [-1, 0],
    ],
    [[5, 5], []],
    [[5, 2], []],
  ])("of %j is %j", ([start, end], numbers) => {
    expect(range(start, end)).toEqual(numbers);
  });
});

it("product and sum of none are their neutral elements", () => {
  expect(product([])).toBe(1);
  expect(sum([])).toBe(0);
  expect(product([2, 3, 4])).toBe(24);
  expect(sum(new Set([2, 3, 4]))).toBe(9);
});

it("gcd is the largest number that divides both", () => {
  const small = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(small, small, (a, b) => {
      const common = range(1, Math.min(a, b) + 1).filter((d) => a % d === 0 && b % d === 0);
      expect(gcd(a, b)).toBe(common.at(-1));
    }),
  );
  expect(gcd(2 ** 52, 2 ** 40 * 3)).toBe(2 ** 40);
});

it("divisors are all that divide, ascending", () => {
  for (const n of range(1, 500))
    expect(divisors(n)).toEqual(range(1, n + 1).filter((d) => n % d === 0));
});

it("isPowerOfTwo is true of the 53 powers of two that are safe integers, and of no neighbour", () => {
  for (const exponent of range(0, 53)) expect(isPowerOfTwo(2 ** exponent)).toBe(true);
  for (const exponent of range(2, 53)) {
    expect(isPowerOfTwo(2 ** exponent + 1)).toBe(false);
    expect(isPowerOfTwo(2 ** exponent - 1)).toBe(false);
  }
  for (const n of [0, -1, -4, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(isPowerOfTwo(n)).toBe(false);
});

it("pair gives one number to both axes, and copies two", () => {
  const two: [number, number] = [1, 2];
  expect(pair(3)).toEqual([3, 3]);
  expect(pair(two)).toEqual([1, 2]);
  expect(pair(two)).not.toBe(two);
});

it("ceilDiv rounds up", () => {
  expect([ceilDiv(0, 3), ceilDiv(1, 3), ceilDiv(3, 3), ceilDiv(4, 3)]).toEqual([0, 1, 1, 2]);
});
