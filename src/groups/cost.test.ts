import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError, UsageError } from "../util/errors.js";
import { convCost } from "./cost.js";

describe("convCost", () => {
  it("counts a dense 3x3 by hand", () => {
    // 64 outputs, each over 64 inputs of 3 * 3 = 9 taps: 36,864 weights, used once at each of 56 * 56 pixels
    const cost = convCost({ inChannels: 64, outChannels: 64, groups: 1, kernel: 3, outSize: 56 });
    expect(cost).toEqual({ params: 36_864, macs: 36_864 * 3136 });
  });

  it("counts groups, a rectangle, another output width and a bias by hand", () => {
    // 8 outputs, each over 4 / 2 = 2 inputs of 1 * 3 taps: 48 weights + 8 biases; 5 * 7 = 35 pixels
    const cost = convCost({
      inChannels: 4,
      outChannels: 8,
      groups: 2,
      kernel: [1, 3],
      outSize: [5, 7],
      bias: true,
    });
    expect(cost).toEqual({ params: 56, macs: 48 * 35 });
  });

  it("takes one size for every axis of the kernel", () => {
    const line = { inChannels: 2, outChannels: 2, groups: 1, kernel: [3], outSize: 10 };
    expect(convCost(line)).toEqual({ params: 12, macs: 120 });
  });

  it("agrees with counting the taps one by one", () => {
    const small = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(small, small, small, small, small, (groups, i, o, kernel, outSize) => {
        const [inChannels, outChannels] = [i * groups, o * groups];
        let weights = 0;
        for (let m = 0; m < outChannels; m++)
          for (let c = 0; c < inChannels; c++)
            if (Math.floor(m / o) === Math.floor(c / i)) weights += kernel * kernel;
        expect(convCost({ inChannels, outChannels, groups, kernel, outSize })).toEqual({
          params: weights,
          macs: weights * outSize * outSize,
        });
      }),
    );
  });

  it("refuses groups that do not divide, and sizes that are no sizes", () => {
    const conv = { inChannels: 64, outChannels: 64, groups: 1, kernel: 3, outSize: 8 };
    expect(() => convCost({ ...conv, groups: 12 })).toThrow(ShapeError);
    expect(() => convCost({ ...conv, kernel: [3, 0] })).toThrow(UsageError);
    expect(() => convCost({ ...conv, outSize: -1 })).toThrow("outSize=-1 must be a whole number");
  });
});
