import { describe, expect, it } from "vitest";
import { Graph, Value } from "../../graph/index.js";
import { Levels } from "./levels.js";
import type { Place } from "./places.js";

function levelsOf(...places: Place[]): Levels {
  const graph = new Graph();
  return new Levels(new Map(places.map((place, i) => [new Value(graph, `v${i}`, null), place])));
}

const map = (stride: number | null): Place => ({ form: "map", stride });

describe("Levels", () => {
  it("puts strides that are near into one level", () => {
    // A U-Net without padding: 572 pixels, maps of 570, 568 | 282, 280 | 138, and 200 on the way up.
    const levels = levelsOf(...[572, 570, 568, 282, 280, 138, 200].map((size) => map(572 / size)));
    expect(levels.strides).toEqual([1, 572 / 282, 572 / 200, 572 / 138]);
    expect([572, 570, 568].map((size) => levels.of(572 / size))).toEqual([0, 0, 0]);
    expect([282, 280, 200, 138].map((size) => levels.of(572 / size))).toEqual([1, 1, 2, 3]);
  });

  it("tells apart strides on one axis, and odd sizes", () => {
    // 24x80 -> 12x80 -> 6x80: the mean stride grows by the root of 2; 3x96 -> 2x96 by that of 1.5.
    expect(levelsOf(map(1), map(2 ** 0.5), map(2)).strides.length).toBe(3);
    expect(levelsOf(map(1), map(1.5 ** 0.5)).strides.length).toBe(2);
  });

  it("looks at maps of known stride only", () => {
    const others: Place[] = [
      { form: "flat", stride: 3 },
      { form: "vector", stride: 5 },
    ];
    expect(levelsOf(map(2), map(null), ...others).strides).toEqual([2]);
    expect(levelsOf().strides).toEqual([]);
  });

  it("puts a stride that is none of a map to the next finer level, or the finest", () => {
    const levels = levelsOf(map(2), map(4), map(8));
    expect([1, 2, 3, 5, 100].map((stride) => levels.of(stride))).toEqual([0, 0, 0, 1, 2]);
  });
});
