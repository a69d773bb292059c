import { describe, expect, it } from "vitest";
import { experiments } from "../bench/lab/experiments/index.js";
import { labNet, STAGE_CHANNELS } from "../bench/lab/lab-net.js";
import { judgeComparison } from "../bench/lab/page.js";
import { finalNet, type RunResult } from "../bench/lab/recipe.js";
import { missingJobs } from "../bench/lab/results.js";
import { estimate, judge } from "../bench/lab/statistics.js";
import { groupWarmup } from "../src/groups/index.js";
import { networkMacs } from "./support/network-macs.js";

/** The laboratory's own promises; its runs take long and are a command of their own. */

describe("statistics", () => {
  it("give mean and Student's interval", () => {
    // 1, 2, 3: mean 2, deviation 1, t(2) = 4.303, 4.303 / sqrt(3) = 2.484
    const { mean, deviation, low, high } = estimate([1, 2, 3]);
    expect([mean, deviation]).toEqual([2, 1]);
    expect(low).toBeCloseTo(2 - 2.4843, 3);
    expect(high).toBeCloseTo(2 + 2.4843, 3);
  });

  it("support a claim, do not, or leave it open", () => {
    const interval = (low: number, high: number) => ({
      mean: (low + high) / 2,
      deviation: 1,
      low,
      high,
    });
    expect(judge(interval(0.1, 0.9), 0.5)).toBe("supported");
    expect(judge(interval(-0.9, 0.4), 0.5)).toBe("not supported");
    expect(judge(interval(-0.4, 0.6), 0.5)).toBe("undecided");
  });

  it("compare arms seed by seed, less another difference", () => {
    const run = (arm: string, seed: number, testAccuracy: number) =>
      ({ arm, seed, testAccuracy }) as RunResult;
    const results = [
      ...[0.9, 0.8, 0.7].map((x, seed) => run("a", seed, x)),
      ...[0.69, 0.77, 0.88].map((x, i) => run("b", 2 - i, x)), // in another order
      ...[0.5, 0.5, 0.5].map((x, seed) => run("c", seed, x)),
      ...[0.49, 0.49, 0.49].map((x, seed) => run("d", seed, x)),
    ];
    const comparison = { claim: "", better: "a", worse: "b" };
    expect(judgeComparison(comparison, results).difference.mean).toBeCloseTo(2, 9); // 2, 3, 1 points
    const interaction = { ...comparison, minus: { better: "c", worse: "d" } };
    expect(judgeComparison(interaction, results).difference.mean).toBeCloseTo(1, 9);
  });
});

describe("experiments", () => {
  it("compare arms that they have", () => {
    for (const { id, arms, comparisons } of experiments) {
      const names = arms.map(({ name }) => name);
      expect(new Set(names).size, id).toBe(names.length);
      for (const { better, worse, minus } of comparisons)
        for (const name of [better, worse, ...(minus ? [minus.better, minus.worse] : [])])
          expect(names, id).toContain(name);
    }
  });

  it("end a warm-up with the groups of its last epoch", () => {
    const net = { groups: [1, 1, 1] } as const;
    const endsWith = (every: number, max: number) =>
      finalNet({ name: "", net, warmup: { schedule: groupWarmup({ every, max }) } }).groups;
    expect(endsWith(1, 8)).toEqual([8, 8, 8]); // 1, 2, 4, 8 in four epochs
    expect(endsWith(2, 8)).toEqual([2, 2, 2]);
    expect(endsWith(1, 4)).toEqual([4, 4, 4]);
  });

  it("build every arm", async () => {
    for (const { arms } of experiments)
      for (const arm of arms)
        expect(await networkMacs(labNet(finalNet(arm)), [1, 1, 28, 28])).toBeGreaterThan(0);
  });

  it("have stages of equal cost, so that growing and falling groups cost the same", async () => {
    const macs = (groups: [number, number, number]) =>
      networkMacs(labNet({ groups }), [1, 1, 28, 28]);
    expect(await macs([2, 4, 8])).toBe(await macs([8, 4, 2]));
    const [a, b] = STAGE_CHANNELS;
    expect(a * a * 14 * 14).toBe(b * b * 7 * 7);
  });

  it("ask for each run once, and for none that is done", () => {
    const all = missingJobs(experiments, []);
    const [first] = all;
    expect(new Set(all.map((job) => JSON.stringify(job))).size).toBe(all.length);
    expect(missingJobs(experiments, [first as unknown as RunResult]).length).toBe(all.length - 1);
  });
});
