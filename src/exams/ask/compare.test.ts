import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "../../tensor/index.js";
import { range } from "../../util/math.js";
import { compareTimes, isRankingSettled, rankTimes } from "./compare.js";

describe("compareTimes", () => {
  it("compares within rounds: what slows a round down falls on both", () => {
    const weather = [1, 5, 2, 9, 1, 7, 3, 4]; // far more than the difference
    const a = weather.map((slow, i) => slow + 1 + 0.001 * (i % 3));
    const b = weather.map((slow) => slow + 1.5);
    const { differenceMs, noiseMs, verdict } = compareTimes(a, b);
    expect(differenceMs.median).toBeCloseTo(-0.499, 2);
    expect(noiseMs).toBeLessThan(0.2);
    expect(verdict).toBe("faster");
    expect(compareTimes(b, a).verdict).toBe("slower");
  });

  it("takes differences under three hundredths of the layer's own time for noise", () => {
    const b = Array(20).fill(10);
    expect(compareTimes(Array(20).fill(9.75), b).verdict).toBe("same"); // 0.25 of 9.75
    expect(compareTimes(Array(20).fill(9.6), b).verdict).toBe("faster"); // 0.4 of 9.6
    // 9 of the 10 ms are the neighbours': 0.25 is a quarter of what is left
    expect(compareTimes(Array(20).fill(9.75), b, 9).verdict).toBe("faster");
  });

  it("does not trust the small spread of few rounds", () => {
    expect(compareTimes([1, 1, 2.1], [2, 2, 2]).verdict).toBe("same");
    expect(compareTimes([1, 1, 1.2], [2, 2, 2]).verdict).toBe("faster"); // range 0.2
    expect(compareTimes([1, 1], [2, 2]).verdict).toBe("same"); // no spread to speak of
  });

  it("calls nothing faster whose own median is longer", () => {
    const b = [1, 2, 3, 4, 50, 60, 70]; // median 4
    const a = [0.5, 1.5, 2.5, 49, 49.5, 59.5, 69.5]; // median 49, and half a millisecond less in six rounds of seven
    expect(compareTimes(a, b)).toMatchObject({ differenceMs: { median: -0.5 }, verdict: "same" });
    // Differences -2, -1, 1, 5 and 9 in order: the quartiles are the second and the fourth.
    expect(compareTimes([9, 1, 5, 2, 3], [0, 2, 0, 4, 2]).differenceMs).toEqual({
      median: 1,
      low: -1,
      high: 5,
      samples: 5,
    });
    expect(compareTimes(a.toSpliced(3, 1, 3.5), b).verdict).toBe("faster");
  });

  it("hardly ever tells two apart that are alike", () => {
    let wrong = 0;
    for (const seed of range(200)) {
      const rng = new Rng(seed);
      const times = () => [...rng.normal([12], 1, 0.2).data];
      if (compareTimes(times(), times()).verdict !== "same") wrong++;
    }
    expect(wrong).toBeLessThan(10); // three standard errors, of medians of twelve
  });
});

describe("rankTimes", () => {
  it("gives those that cannot be told apart one rank", () => {
    const columns = [4, 2, 2.02, 1].map((ms) => Array(8).fill(ms));
    expect(rankTimes(columns)).toEqual([
      { rank: 4, ties: [] },
      { rank: 2, ties: [2] },
      { rank: 2, ties: [1] },
      { rank: 1, ties: [] },
    ]);
    // 1.9 of their 2 ms are not their own: 0.02 is a fifth of what is left
    expect(rankTimes([columns[1], columns[2]], 1.9)).toEqual([
      { rank: 1, ties: [] },
      { rank: 2, ties: [] },
    ]);
  });

  it("says of each whom it cannot be told apart from, where that does not carry over", () => {
    const columns = [1, 1.02, 1.04].map((ms) => Array(8).fill(ms)); // 2, 2 and 4 hundredths
    expect(rankTimes(columns)).toEqual([
      { rank: 1, ties: [1] },
      { rank: 1, ties: [0, 2] },
      { rank: 2, ties: [1] },
    ]);
  });

  it("tells nothing apart within the noise", () => {
    const rng = new Rng(2);
    const columns = range(4).map(() => [...rng.normal([12], 1, 0.2).data]);
    for (const { rank, ties } of rankTimes(columns)) expect([rank, ties.length]).toEqual([1, 3]);
  });
});

describe("isRankingSettled", () => {
  const noisy = (rounds: number, means: number[], noise: number, seed = 1) => {
    const rng = new Rng(seed);
    return range(rounds).map(() => means.map((mean) => mean + noise * rng.float()));
  };

  it("waits for rounds that agree", () => {
    expect(isRankingSettled(noisy(5, [1, 2, 3], 0.01))).toBe(false); // too few to know
    expect(isRankingSettled(noisy(6, [1, 2, 3], 0.01))).toBe(true);
    expect(isRankingSettled(noisy(8, [1, 1.01, 3], 0.01))).toBe(true); // a tie within a tenth
    expect(isRankingSettled(noisy(8, [1, 1.2, 1.4], 3))).toBe(false); // neither apart nor a tie
  });

  it("sees halves that contradict each other", () => {
    const rounds = range(12).map((round) => (round % 2 ? [1, 2] : [2, 1]));
    expect(isRankingSettled(rounds)).toBe(false);
  });

  it("holds whatever the order of the contestants", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const rounds = noisy(8, [1, 1.1, 2, 4], 0.4, seed);
        expect(isRankingSettled(rounds.map((round) => [...round].reverse()))).toBe(
          isRankingSettled(rounds),
        );
      }),
    );
  });
});
