import { expect, test } from "vitest";
import { bandModels } from "../bench/exam/look/band-models.js";
import { makeBands } from "../bench/exam/look/make-bands.js";
import type { LookLayer } from "../src/exams/index.js";
import reference from "../src/exams/look/reference-bands.json" with { type: "json" };
import { range } from "../src/util/math.js";
import { lookLayer } from "./support/look-section.js";

const layers = (...values: number[]): LookLayer[] =>
  values.map((meanAbsR) => lookLayer({ output: { meanAbsR } }));

test("a band is the 5th to 95th percentile", () => {
  const values = range(100).map((i) => (i + 1) / 100);
  const { low, median, high } = makeBands([layers(...values)])["dense output"];
  expect([low, median, high]).toEqual([0.05, 0.5, 0.95]);
});

test("a model of many layers counts as much as one of few", () => {
  const wide = layers(...range(30).map(() => 0.1));
  const narrow = layers(0.5, 0.6, 0.7);
  expect(makeBands([wide, narrow])["dense output"]).toEqual({
    models: 2,
    layers: 33,
    low: 0.1,
    median: 0.1,
    high: 0.7,
  });
  // 2 of 3 models are at 0.5 or above: so is the middle
  expect(makeBands([wide, narrow, narrow])["dense output"].median).toBe(0.5);
});

test("fewer than five layers of a kind make no band", () => {
  expect(makeBands([layers(0.1, 0.2, 0.3, 0.4)])).toEqual({});
  expect(Object.keys(makeBands([layers(0.1, 0.2), layers(0.3, 0.4, 0.5)]))).toEqual([
    "dense output",
  ]);
});

test("kinds and places have bands of their own", () => {
  const grouped = range(5).map((i) =>
    lookLayer({
      kind: "grouped",
      groups: 2,
      output: { meanAbsR: 0.2 },
      after: { meanAbsR: i / 10 },
    }),
  );
  const bands = makeBands([[...grouped, ...layers(0.3)]]);
  expect(bands["grouped output"]).toMatchObject({ low: 0.2, high: 0.2 });
  expect(bands["grouped after"]).toMatchObject({ low: 0, median: 0.2, high: 0.4 });
  expect(Object.keys(bands)).toHaveLength(2);
});

test("layers of one position and layers without a correlation do not count", () => {
  const gates = range(5).map(() => lookLayer({ positions: 1, output: { meanAbsR: 0.9 } }));
  const still = range(5).map(() => lookLayer({ output: { meanAbsR: null } }));
  expect(makeBands([[...gates, ...still]])).toEqual({});
});

test("the reference that look judges by is made of all the models of the bench", () => {
  expect(reference.made.models).toEqual(bandModels.map(({ name }) => name));
});
