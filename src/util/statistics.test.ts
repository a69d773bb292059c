import { expect, it } from "vitest";
import { median, medianError, shareInterval, spearman, spreadOf } from "./statistics.js";

it("summarises by quartiles, as numpy's percentile does", () => {
  // sorted 1 2 3 4: quartiles at positions 0.75, 1.5 and 2.25
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25, samples: 4 });
  expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7, samples: 1 });
  expect(median([9, 1, 5])).toBe(5);
});

it("tells how sure a median is, whatever one outlier does", () => {
  // deviations from 3: 2 1 0 1 2, their median 1; 1.2533 * 1.4826 * 1 / sqrt(5)
  expect(medianError([1, 2, 3, 4, 5])).toBeCloseTo(0.831, 3);
  expect(medianError([1, 2, 3, 4, 5000])).toBeCloseTo(0.831, 3);
});

it("tells where a share lies, by Wilson's score interval", () => {
  const near = (...ends: number[]) => ends.map((end) => expect.closeTo(end, 4));
  // Newcombe 1998, https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3
  expect(shareInterval(81, 263)).toEqual(near(0.2553, 0.3662));
  expect(shareInterval(15, 148)).toEqual(near(0.0624, 0.1605));
  expect(shareInterval(0, 20)).toEqual(near(0, 0.1611));
  expect(shareInterval(1, 29)).toEqual(near(0.0061, 0.1718));
});

it("correlates ranks", () => {
  expect(spearman([1, 2, 3, 4], [10, 20, 30, 1000])).toBeCloseTo(1, 12);
  expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
  // no ties: 1 - 6 * (1 + 1 + 0 + 0) / (4 * 15) = 0.8
  expect(spearman([1, 2, 3, 4], [2, 1, 3, 4])).toBeCloseTo(0.8, 12);
  // ranks 0 1.5 1.5 3 against 0 1 2 3: 4.5 / sqrt(4.5 * 5), as scipy.stats.spearmanr says 0.9487
  expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(0.9487, 4);
  expect(spearman([1, 1], [1, 2])).toBeNaN();
});
