import { expect, it } from "vitest";
import { UsageError } from "../util/errors.js";
import { cosineLr, oneCycleLr, stepLr, warmupLr } from "./index.js";

const at = (step: number) => ({ step, totalSteps: 14, stepsPerEpoch: 2 });

it("warm-up rises in a straight line, then another schedule has the steps that are left", () => {
  const schedule = warmupLr(4, cosineLr());
  expect([0, 1, 2, 3].map((step) => schedule(at(step)))).toEqual([0.25, 0.5, 0.75, 1]);
  expect(schedule(at(4))).toBe(1);
  expect(schedule(at(9))).toBeCloseTo(0.5, 12); // half of the ten steps left
});

it("the cosine ends at its floor", () => {
  expect(cosineLr({ floor: 0.2 })(at(14))).toBeCloseTo(0.2, 12);
});

it("steps go by epochs", () => {
  const schedule = stepLr({ every: 2, factor: 0.5 });
  expect([0, 3, 4, 8].map((step) => schedule(at(step)))).toEqual([1, 1, 0.5, 0.25]);
});

it("refuses nonsense", () => {
  expect(() => stepLr({ every: 0 })).toThrow(UsageError);
  expect(() => stepLr({ factor: Number.NaN })).toThrow(UsageError);
  expect(() => oneCycleLr({ start: -1 })).toThrow("oneCycleLr: start=-1 must be from 0 to 1");
  expect(() => oneCycleLr({ end: Number.NaN })).toThrow(UsageError);
  expect(() => warmupLr(-1)).toThrow(UsageError);
  expect(() => cosineLr({ floor: 2 })).toThrow(UsageError);
});
