import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError } from "../util/errors.js";
import { range } from "../util/math.js";
import {
  checkGroups,
  groupsProblem,
  largestValidGroups,
  MAX_CHANNELS,
  nearestValidGroups,
  validGroups,
} from "./divisibility.js";

const channels = fc.integer({ min: 1, max: 400 });
const counts = fc.integer({ min: 1, max: 500 });

function bruteForce(inChannels: number, outChannels: number): number[] {
  return range(1, 401).filter((g) => inChannels % g === 0 && outChannels % g === 0);
}

describe("validGroups", () => {
  it("lists the common divisors", () => {
    expect(validGroups(12, 18)).toEqual([1, 2, 3, 6]); // gcd 6
    expect(validGroups(64, 64)).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(validGroups(7, 9)).toEqual([1]);
  });

  it("agrees with trying every count", () => {
    fc.assert(
      fc.property(channels, channels, (i, o) => {
        expect(validGroups(i, o)).toEqual(bruteForce(i, o));
      }),
    );
  });

  it.each([0, -8, 2.5, Number.NaN, Number.POSITIVE_INFINITY, MAX_CHANNELS + 1])(
    "refuses %d channels",
    (bad) => {
      expect(() => validGroups(bad, 8)).toThrow(ShapeError);
      expect(() => validGroups(8, bad)).toThrow(
        `validGroups: outChannels=${bad} must be a whole number from 1 to 2147483647`,
      );
    },
  );

  it("answers at once for the largest channel count", () => {
    expect(validGroups(MAX_CHANNELS, MAX_CHANNELS)).toEqual([1, MAX_CHANNELS]); // a prime
  });
});

describe("nearestValidGroups", () => {
  it("gives the next below and the next above", () => {
    expect(nearestValidGroups(12, 64, 64)).toEqual([8, 16]);
    expect(nearestValidGroups(128, 64, 128)).toEqual([64]);
    expect(nearestValidGroups(0, 64, 64)).toEqual([1]);
    expect(nearestValidGroups(2.5, 64, 64)).toEqual([2, 4]);
    expect(nearestValidGroups(8, 64, 64)).toEqual([8]);
  });

  it("leaves no valid count closer on either side", () => {
    fc.assert(
      fc.property(counts, channels, channels, (g, i, o) => {
        const valid = bruteForce(i, o);
        const below = Math.max(...valid.filter((v) => v <= g));
        const above = Math.min(...valid.filter((v) => v >= g));
        const expected = [...new Set([below, above])].filter(Number.isFinite);
        expect(nearestValidGroups(g, i, o)).toEqual(expected);
      }),
    );
  });
});

describe("largestValidGroups", () => {
  it("is the largest common divisor up to the limit, and at least 1", () => {
    expect(largestValidGroups(18, 72, 4)).toBe(3);
    expect(largestValidGroups(64, 128, 1000)).toBe(64);
    expect(largestValidGroups(64, 64, 0)).toBe(1);
  });
});

describe("groupsProblem", () => {
  it("is null exactly when the count divides both", () => {
    fc.assert(
      fc.property(counts, channels, channels, (g, i, o) => {
        expect(groupsProblem(g, i, o) === null).toBe(i % g === 0 && o % g === 0);
      }),
    );
  });

  it.each([
    [12, 64, 60, "groups=12 must divide inChannels=64; nearest valid: 4"],
    [12, 64, 64, "groups=12 must divide inChannels=64 and outChannels=64; nearest valid: 8, 16"],
    [8, 64, 100, "groups=8 must divide outChannels=100; nearest valid: 4"],
    [0, 64, 64, "groups=0 must be a whole number of at least 1; nearest valid: 1"],
    [-4, 64, 64, "groups=-4 must be a whole number of at least 1; nearest valid: 1"],
    [2.5, 64, 64, "groups=2.5 must be a whole number of at least 1; nearest valid: 2, 4"],
    [Number.NaN, 64, 64, "groups=NaN must be a whole number of at least 1; nearest valid: 1"],
    [1, 0, 64, "inChannels=0 must be a whole number from 1 to 2147483647"],
  ])("groups=%d, %d -> %d: %s", (groups, i, o, sentence) => {
    expect(groupsProblem(groups, i, o)).toBe(sentence);
  });

  it("names the deadly combination, more groups than channels (S4)", () => {
    expect(groupsProblem(128, 64, 128)).toBe(
      "groups=128 must not exceed inChannels=64: a group needs at least one channel on each side; nearest valid: 64",
    );
    expect(groupsProblem(128, 64, 32)).toContain("inChannels=64 and outChannels=32");
  });
});

describe("checkGroups", () => {
  it("throws the sentence, led by the operation", () => {
    expect(() => checkGroups("Conv2d", 12, 64, 64)).toThrow(
      new ShapeError(
        "Conv2d: groups=12 must divide inChannels=64 and outChannels=64; nearest valid: 8, 16",
      ),
    );
    expect(() => checkGroups("Conv2d", 12, 64, 64)).toThrow(ShapeError);
  });

  it("lets a valid count pass", () => {
    expect(() => checkGroups("Conv2d", 8, 64, 128)).not.toThrow();
  });
});
