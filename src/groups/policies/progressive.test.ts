import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../util/errors.js";
import { progressiveGroups } from "./progressive.js";

const channels = fc.integer({ min: 1, max: 600 });

describe("progressiveGroups", () => {
  it("grows from 1 to the maximum", () => {
    const groups = [0, 0.25, 0.5, 0.75, 1].map(
      (depth) => progressiveGroups({ inChannels: 256, outChannels: 256, depth }).groups,
    );
    expect(groups).toEqual([1, 2, 4, 8, 16]);
  });

  it("never falls with depth for equal channels", () => {
    const depth = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(channels, depth, depth, (c, a, b) => {
        const at = (depth: number) =>
          progressiveGroups({ inChannels: c, outChannels: c, depth }).groups;
        expect(at(Math.max(a, b))).toBeGreaterThanOrEqual(at(Math.min(a, b)));
      }),
    );
  });

  it("refuses a depth or a maximum out of range", () => {
    const layer = { inChannels: 64, outChannels: 64 };
    expect(() => progressiveGroups({ ...layer, depth: 2 })).toThrow(UsageError);
    expect(() => progressiveGroups({ ...layer, depth: 1, max: 0 })).toThrow(UsageError);
  });
});
