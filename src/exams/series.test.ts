import { expect, it } from "vitest";
import { range } from "../util/math.js";
import { finiteSpread, Series } from "./series.js";

const seriesOf = (numbers: readonly number[], most?: number) => {
  const series = new Series(most);
  for (const n of numbers) series.push(n);
  return series;
};

it("has the quartiles of its numbers", () => {
  // 1 2 3 4 5: a quarter of the way is 2, three quarters 4.
  expect(seriesOf([5, 1, 4, 2, 3]).spread()).toEqual({ median: 3, low: 2, high: 4, samples: 5 });
  expect(new Series().spread()).toBeNull();
});

it("keeps at most so many, from first to last and equally far apart", () => {
  expect(seriesOf(range(4), 4).numbers).toEqual([0, 1, 2, 3]);
  expect(seriesOf(range(5), 4).numbers).toEqual([0, 2, 4]);
  expect(seriesOf(range(8), 4).numbers).toEqual([0, 2, 4, 6]);
  expect(seriesOf(range(19), 4).numbers).toEqual([0, 8, 16]);
  expect(seriesOf(range(10_000)).numbers).toEqual(range(2500).map((i) => 4 * i));
});

it("leaves out what is no number", () =>
  expect(finiteSpread([1, Number.NaN, 3, Infinity])).toEqual({
    median: 2,
    low: 1.5,
    high: 2.5,
    samples: 2,
  }));
