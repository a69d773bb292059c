import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError } from "../util/errors.js";
import { elementCount, isShape, sameShape, stridesOf } from "./shape.js";

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 });

describe("elementCount", () => {
  it.each([
    [[], 1],
    [[0], 0],
    [[2, 3, 4], 24],
    [[...new Array(30).fill(2 ** 52), 0], 0],
    [[2 ** 26, 2 ** 26], 2 ** 52],
  ])("[%s] has %d elements", (shape, expected) => {
    expect(isShape(shape)).toBe(true);
    expect(elementCount(shape)).toBe(expected);
  });

  it.each([
    { shape: [-1, 4], what: "a negative size" },
    { shape: [1.5], what: "a broken size" },
    { shape: [Number.NaN], what: "NaN" },
    { shape: [2 ** 30, 2 ** 30], what: "a product of 2^60" },
    { shape: [2 ** 53], what: "a size that is not exact" },
  ])("refuses $what", ({ shape }) => {
    expect(isShape(shape)).toBe(false);
    expect(() => elementCount(shape)).toThrow(ShapeError);
    expect(() => elementCount(shape)).toThrow(`shape=[${shape}] must hold whole numbers`);
  });

  it.each([undefined, null, 3, "3", { length: 0 }, ["3"], [null], [[3]]])(
    "%j from a file is no shape",
    (value) => {
      expect(isShape(value)).toBe(false);
    },
  );
});

describe("sameShape", () => {
  it("compares rank and sizes", () => {
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([], [])).toBe(true);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([2, 3], [2, 3, 1])).toBe(false);
    expect(sameShape([2, 3, 1], [2, 3])).toBe(false);
  });
});

describe("stridesOf", () => {
  it("counts elements from one index to the next, last axis fastest", () => {
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(stridesOf([5])).toEqual([1]);
    expect(stridesOf([])).toEqual([]);
  });

  it("numbers the elements 0, 1, 2, ... in nested-loop order", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        let indices: number[][] = [[]];
        for (const size of shape)
          indices = indices.flatMap((index) =>
            Array.from({ length: size }, (_, i) => [...index, i]),
          );
        const strides = stridesOf(shape);
        const offsets = indices.map((index) =>
          index.reduce((sum, i, axis) => sum + i * strides[axis], 0),
        );
        expect(offsets).toEqual([...offsets.keys()]);
        expect(offsets).toHaveLength(elementCount(shape));
      }),
    );
  });
});
