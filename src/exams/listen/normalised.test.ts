import { expect, it } from "vitest";
import { deadGroups, NormalisedRange, normalisedGradients } from "./normalised.js";

const ones = [1, 1, 1];

it("is the larger of both ratios to the median group's", () => {
  // At the weight over what is read: 4 / 2, 6 / 2, 12 / 1, median 3. At the output times what is written: 1, 1.5, 5.
  const sizes = { weight: [4, 6, 12], read: [2, 2, 1], output: [1, 0.5, 5], written: [1, 3, 1] };
  expect(normalisedGradients(sizes)).toEqual([1 / 1.5, 1, 4]);
});

it("leaves out dead groups and those whose data are 0", () => {
  const output = [2, 1, 2 ** -23];
  expect(deadGroups(output)).toEqual([2]);
  expect(deadGroups([0, 0])).toEqual([0, 1]);
  // Of the two that live the medians are half way: 3 and 1.5.
  const sizes = { weight: [4, 2, 0], read: ones, output, written: ones };
  expect(normalisedGradients(sizes)).toEqual([4 / 3, 2 / 3, null]);
  expect(normalisedGradients({ ...sizes, read: [1, 0, 1] })).toEqual([1, null, null]);
  // No gradient at any weight: there is no ratio.
  expect(normalisedGradients({ ...sizes, weight: [0, 0, 0] })).toEqual([null, null, null]);
});

it("keeps the least and the most of each group, of the batches in which it lived", () => {
  const range = new NormalisedRange(2);
  const read = (output: number[]) =>
    range.read({ weight: [1, 1], read: [1, 1], output, written: [1, 1] });
  read([1, 3]); // 0.5 and 1.5 of the median 2; at the weights both have 1
  read([1, 1]);
  read([0, 1]);
  expect(range.least).toEqual([1, 1]);
  expect(range.most).toEqual([1, 1.5]);
});
