import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError, UsageError } from "../../util/errors.js";
import { attentionHeadGroups, lightweightGroups, ordinaryGroups, smartGroups } from "./formulas.js";

const pair = (inChannels: number, outChannels: number) => ({ inChannels, outChannels });
const channels = fc.integer({ min: 1, max: 600 });

describe("ordinaryGroups", () => {
  it("is always dense", () => {
    expect(ordinaryGroups(pair(64, 128)).groups).toBe(1);
    expect(() => ordinaryGroups(pair(0, 128))).toThrow(ShapeError);
  });
});

describe("lightweightGroups", () => {
  it.each([
    [256, 256, 64], // 256 / 4
    [512, 128, 32], // 128 / 4
    [96, 96, 16], // 96 / 4 = 24; 2^4 divides 96
    [36, 36, 4], // 36 / 4 = 9; 8 does not divide 36
    [3, 64, 1],
  ])("%d -> %d: %d", (i, o, groups) => {
    expect(lightweightGroups(pair(i, o)).groups).toBe(groups);
  });

  it("is a power of two that divides both and leaves 4 channels per group, and doubling it breaks that", () => {
    const fits = (g: number, i: number, o: number) =>
      i % g === 0 && o % g === 0 && g * 4 <= Math.min(i, o);
    fc.assert(
      fc.property(channels, channels, (i, o) => {
        const { groups } = lightweightGroups(pair(i, o));
        expect(Number.isInteger(Math.log2(groups))).toBe(true);
        expect(groups === 1 || fits(groups, i, o)).toBe(true);
        expect(fits(groups * 2, i, o)).toBe(false);
      }),
    );
  });
});

describe("smartGroups", () => {
  it.each([
    [64, 64],
    [128, 256],
    [512, 512],
  ])("gives 16 for the seed's %d -> %d (S3)", (i, o) => {
    expect(smartGroups(pair(i, o)).groups).toBe(16);
  });

  it("falls to 1 at 1:2 and beyond with the expansion guard, as the seed's prose says", () => {
    const guarded = (i: number, o: number) =>
      smartGroups({ ...pair(i, o), expansionGuard: true }).groups;
    expect(guarded(128, 256)).toBe(1);
    expect(guarded(128, 255 + 129)).toBe(1); // 1:3
    expect(guarded(128, 192)).toBe(16); // 1:1.5
    expect(guarded(256, 128)).toBe(16);
  });

  it("is what the seed's snippet computes, and 1 where the snippet finds nothing", () => {
    fc.assert(
      fc.property(channels, channels, (i, o) => {
        const snippet = [1, 2, 4, 8, 16].filter(
          (g) => i % g === 0 && o % g === 0 && g <= Math.floor(Math.min(i, o) / 4),
        );
        expect(smartGroups(pair(i, o)).groups).toBe(Math.max(1, ...snippet));
      }),
    );
    expect(smartGroups(pair(3, 64)).groups).toBe(1);
  });
});

describe("attentionHeadGroups", () => {
  it("matches the heads, or takes the nearest valid count, the smaller of two", () => {
    const groups = (heads: number) => attentionHeadGroups({ ...pair(96, 96), heads }).groups;
    expect(groups(12)).toBe(12);
    expect(groups(7)).toBe(6); // 6 and 8 are equally near
    expect(groups(10)).toBe(8); // 8 and 12 are equally near
    expect(groups(11)).toBe(12);
    expect(groups(1000)).toBe(96);
  });

  it.each([0, -2, 1.5])("refuses %d heads", (heads) => {
    expect(() => attentionHeadGroups({ ...pair(96, 96), heads })).toThrow(UsageError);
  });
});
