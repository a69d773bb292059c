import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, UsageError } from "../util/errors.js";
import { range } from "../util/math.js";
import { Rng, type RngState } from "./random.js";

/** The same algorithms in Python's exact integers; see fixtures/make_random.py. */
const reference: Record<
  string,
  Record<"uniform" | "normal" | "integers" | "wide" | "shuffle", number[]> & {
    state: RngState;
    fork: number;
    nested: number;
  }
> = JSON.parse(readFileSync(new URL("fixtures/random.json", import.meta.url), "utf8"));

describe.each(Object.entries(reference))("Rng(%s)", (seed, expected) => {
  const rng = new Rng(Number(seed));

  it("gives the reference numbers, draw after draw", () => {
    expect([...rng.uniform([5], -2, 3).data]).toEqual(expected.uniform);
    expect([...rng.normal([7], 1, 0.5).data]).toEqual(expected.normal);
    expect(range(8).map(() => rng.integer(-3, 7))).toEqual(expected.integers);
    expect(range(8).map(() => rng.integer(0, 3 * 2 ** 51))).toEqual(expected.wide);
    expect(rng.shuffle(range(10))).toEqual(expected.shuffle);
    expect(rng.state).toEqual(expected.state);
    expect(rng.fork("weights/0").float()).toBe(expected.fork);
    expect(rng.fork("数据").fork("").float()).toBe(expected.nested);
  });
});

describe("state", () => {
  it("survives JSON and goes on where it stood", () => {
    const rng = new Rng(1);
    rng.normal([3]);
    const copy = Rng.restore(JSON.parse(JSON.stringify(rng.state)));
    expect(copy.uniform([4]).data).toEqual(rng.uniform([4]).data);
    expect(copy.fork("a").float()).toBe(rng.fork("a").float());
    expect(copy.state).toEqual(rng.state);
  });

  it.each([
    [{ key: "0", words: [1, 2, 3, 4] }, "key must be 16 hexadecimal digits"],
    [{ words: [1, 2, 3, 4] }, "key must be 16 hexadecimal digits"],
    [{ key: "0123456789abcdef", words: [1, 2, 3] }, "words must be four 32-bit numbers"],
    [{ key: "0123456789abcdef", words: [1, 2, 3, 2 ** 32] }, "words must be four 32-bit numbers"],
    [{ key: "0123456789abcdef", words: [1, 2, 3, -1] }, "words must be four 32-bit numbers"],
    [{ key: "0123456789abcdef", words: [1, 2, 3, 0.5] }, "words must be four 32-bit numbers"],
    [{ key: "0123456789abcdef", words: [0, 0, 0, 0] }, "not all zero"],
    [{ key: "0123456789abcdef" }, "words must be four 32-bit numbers"],
  ])("refuses %j", (state, message) => {
    expect(() => Rng.restore(state as RngState)).toThrow(FormatError);
    expect(() => Rng.restore(state as RngState)).toThrow(message);
  });
});

describe("fork", () => {
  it("depends on the seed and the label, not on how far anyone has drawn", () => {
    const fresh = new Rng(3);
    const used = new Rng(3);
    used.uniform([100]);
    expect(used.fork("layer1").float()).toBe(fresh.fork("layer1").float());
    expect(fresh.fork("layer1").state).not.toEqual(fresh.fork("layer2").state);
    expect(fresh.fork("layer1").state).not.toEqual(new Rng(4).fork("layer1").state);
    expect(fresh.fork("a").fork("b").state).not.toEqual(fresh.fork("b").fork("a").state);
  });

  it("does not move its parent", () => {
    const rng = new Rng(3);
    const before = rng.state;
    rng.fork("x").uniform([10]);
    expect(rng.state).toEqual(before);
  });

  it("gives streams that do not follow each other", () => {
    // Pearson's r of 10000 independent pairs has a standard deviation of 0.01.
    const rng = new Rng(5);
    const [a, b] = ["a", "b"].map((label) => rng.fork(label).normal([10_000]).data);
    let r = 0;
    for (let i = 0; i < a.length; i++) r += (a[i] * b[i]) / a.length;
    expect(Math.abs(r)).toBeLessThan(0.04);
  });
});

describe("distributions", () => {
  /** Largest gap between the sorted sample's share and the distribution function (Kolmogorov-Smirnov). */
  function gap(sample: Float32Array, distribution: (x: number) => number): number {
    const n = sample.length;
    return Math.max(
      ...sample
        .toSorted()
        .map((x, i) => Math.max((i + 1) / n - distribution(x), distribution(x) - i / n)),
    );
  }

  /** Normal distribution function by Simpson's rule from 0. */
  function normalDistribution(x: number): number {
    const steps = 200;
    const h = x / steps;
    let area = 0;
    for (let i = 0; i <= steps; i++) {
      const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
      area += weight * Math.exp(-((i * h) ** 2) / 2);
    }
    return 0.5 + (area * h) / 3 / Math.sqrt(2 * Math.PI);
  }

  // 1.95 / sqrt(n) is passed by one fair sample in a thousand; the seed is fixed.
  it("uniform is uniform", () => {
    expect(gap(new Rng(11).uniform([10_000], -1, 3).data, (x) => (x + 1) / 4)).toBeLessThan(0.0195);
  });

  it("normal is normal", () => {
    const { data } = new Rng(12).normal([10_000], 5, 2);
    expect(gap(data, (x) => normalDistribution((x - 5) / 2))).toBeLessThan(0.0195);
  });

  it("integer reaches every value of a small range about equally", () => {
    const rng = new Rng(13);
    const counts = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 60_000; i++) counts[rng.integer(-2, 4) + 2]++;
    // Chi-squared with 5 degrees of freedom exceeds 20.5 once in a thousand.
    const chiSquared = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(20.5);
  });

  it("shuffle reaches every order about equally", () => {
    const rng = new Rng(14);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = rng.shuffle([0, 1, 2, 3]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // Chi-squared with 23 degrees of freedom exceeds 49.7 once in a thousand.
    const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(49.7);
  });
});

describe("tensors and lists", () => {
  it("have the shape asked for", () => {
    const rng = new Rng(0);
    expect(rng.uniform([2, 3]).shape).toEqual([2, 3]);
    expect(rng.normal([]).data).toHaveLength(1);
    expect(rng.normal([0, 4]).data).toHaveLength(0);
    expect(() => rng.uniform([-1])).toThrow("shape=[-1]");
  });

  it("shuffle keeps the items and leaves its argument alone", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items];
        const shuffled = new Rng(seed).shuffle(items);
        expect(items).toEqual(before);
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      }),
    );
  });

  it("integer stays in range, however wide", () => {
    const rng = new Rng(9);
    expect(rng.integer(7, 8)).toBe(7);
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1 }), (low, span) => {
        fc.pre(Number.isSafeInteger(low + span));
        const drawn = rng.integer(low, low + span);
        return Number.isSafeInteger(drawn) && low <= drawn && drawn < low + span;
      }),
    );
    expect(rng.integer(-(2 ** 52), 2 ** 52 - 1)).toSatisfy(Number.isSafeInteger);
  });
});

describe("bad input", () => {
  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses the seed %d", (seed) => {
    expect(() => new Rng(seed)).toThrow(UsageError);
    expect(() => new Rng(seed)).toThrow(`seed=${seed} must be a whole number`);
  });

  it.each([
    [0, 0],
    [1, 0],
    [0, 1.5],
    [0.5, 2],
    [Number.NaN, 2],
    [0, 2 ** 53],
    [-(2 ** 52), 2 ** 52],
    [-(2 ** 53) + 1, 2],
  ])("refuses the range %d to %d", (low, high) => {
    expect(() => new Rng(0).integer(low, high)).toThrow(
      `low=${low} and high=${high} must be whole`,
    );
  });
});
