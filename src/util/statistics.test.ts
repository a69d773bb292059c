import { expect, it } from "vitest";
import { median, medianError, spearman, spreadOf } from "./statistics.js";

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

it("correlates ranks", () => {
  expect(spearman([1, 2, 3, 4], [10, 20, 30, 1000])).toBeCloseTo(1, 12);
  expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
  // no ties: 1 - 6 * (1 + 1 + 0 + 0) / (4 * 15) = 0.8
  expect(spearman([1, 2, 3, 4], [2, 1, 3, 4])).toBeCloseTo(0.8, 12);
  // ranks 0 1.5 1.5 3 against 0 1 2 3: 4.5 / sqrt(4.5 * 5), as scipy.stats.spearmanr says 0.9487
  expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(0.9487, 4);
  expect(spearman([1, 1], [1, 2])).toBeNaN();
});
