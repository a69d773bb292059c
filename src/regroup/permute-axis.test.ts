import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng, tensor } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { range } from "../util/math.js";
import { permuteAxis } from "./permute-axis.js";

const matrix = tensor([1, 2, 3, 4, 5, 6], [2, 3]);

describe("permuteAxis", () => {
  it("puts at place i what stood at order[i]", () => {
    expect(permuteAxis(matrix, 1, [2, 0, 1])).toEqual(tensor([3, 1, 2, 6, 4, 5], [2, 3]));
    expect(permuteAxis(matrix, 0, [1, 0])).toEqual(tensor([4, 5, 6, 1, 2, 3], [2, 3]));
  });

  it("is undone by the inverse order, on every axis", () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(2), (seed, axis) => {
        const rng = new Rng(seed);
        const x = rng.normal([3, 4, 5]);
        const order = rng.shuffle(range(x.shape[axis]));
        const inverse = range(order.length).map((place) => order.indexOf(place));
        const permuted = permuteAxis(x, axis, order);
        expect(permuteAxis(permuted, axis, inverse)).toEqual(x);
        const moved = order.some((place, i) => place !== i);
        expect(permuted.data.every((value, i) => value === x.data[i])).toBe(!moved);
      }),
    );
  });

  it("refuses what is no order of that axis", () => {
    expect(() => permuteAxis(matrix, 1, [0, 1])).toThrow("order.length=2 must be 3");
    expect(() => permuteAxis(matrix, 1, [0, 1, 1])).toThrow("1 is out of range or named twice");
    expect(() => permuteAxis(matrix, 1, [0, 1, 3])).toThrow(UsageError);
    expect(() => permuteAxis(matrix, 2, [0])).toThrow(
      new ShapeError("permuteAxis: axis=2 must be an axis of [2,3]"),
    );
  });
});
