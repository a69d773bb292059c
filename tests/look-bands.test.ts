import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bandModels } from "../bench/exam/look/band-models.js";
import { bandWidths } from "../bench/exam/look/deepfilternet.js";
import { makeBands } from "../bench/exam/look/make-bands.js";
import { shortTimeSpectra, transform } from "../bench/exam/look/spectrum.js";
import { readTarGz } from "../bench/exam/look/tar.js";
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

test.each([15, 16, 60])("a transform of %i numbers is the sum that defines it", (n) => {
  const x = Float64Array.from({ length: n }, (_, i) => ((i * 7) % 11) - 5);
  const { re, im } = transform(x);
  for (let j = 0; j < n; j++) {
    const angle = (k: number) => (2 * Math.PI * j * k) / n;
    expect(re[j]).toBeCloseTo(
      x.reduce((sum, value, k) => sum + value * Math.cos(angle(k)), 0),
      9,
    );
    expect(im[j]).toBeCloseTo(
      x.reduce((sum, value, k) => sum - value * Math.sin(angle(k)), 0),
      9,
    );
  }
});

test("frames of a steady tone hold its amplitude, windowed, at its frequency", () => {
  // 3 turns a frame of 12: the bin holds half the sum of the window, 6, in the phase of a cosine.
  const tone = Float32Array.from({ length: 20 }, (_, i) => Math.cos((2 * Math.PI * 3 * i) / 12));
  const spectra = shortTimeSpectra(tone, new Float64Array(12).fill(1), 4);
  expect(spectra).toHaveLength(3); // from 0, 4 and 8
  for (const { re, im } of spectra) {
    const expected = [0, 0, 0, 6, 0, 0, 0];
    for (const [bin, value] of expected.entries()) {
      expect(re[bin]).toBeCloseTo(value, 5);
      expect(im[bin]).toBeCloseTo(0, 5);
    }
  }
});

test("bands of equal rectangular bandwidth take every frequency once, low ones two at a time", () => {
  const widths = bandWidths(48_000, 960, 32);
  expect(widths.reduce((sum, width) => sum + width, 0)).toBe(481);
  expect(widths.slice(0, 14)).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 5]);
  // The last by hand: 31/32 of 9.265 ln(1 + 24000 / 228.8) = 43.2 is at 20715 Hz, which is frequency 414 of 0 to 480.
  expect(widths[31]).toBe(481 - 414);
});

test("a packed archive gives its files by their last name, and no folders", () => {
  const entry = (name: string, type: string, text: string) => {
    const block = Buffer.alloc(512 + Math.ceil(text.length / 512) * 512);
    block.write(name, 0);
    block.write(text.length.toString(8).padStart(11, "0"), 124);
    block.write(type, 156);
    block.write(text, 512);
    return block;
  };
  const long = "x".repeat(600);
  const archive = [entry("tmp/", "5", ""), entry("tmp/a.txt", "0", long), entry("b", "0", "two")];
  const files = readTarGz(gzipSync(Buffer.concat([...archive, Buffer.alloc(1024)])));
  expect([...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
    ["a.txt", long],
    ["b", "two"],
  ]);
});
