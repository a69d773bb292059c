import { expect, it } from "vitest";
import { PairClock } from "./pair-clock.js";

it("takes ratios pair by pair", () => {
  const clock = new PairClock(3);
  for (const [before, after] of [
    [1, 2],
    [10, 5],
    [4, 4],
  ])
    clock.add(before, after);
  const { beforeMs, afterMs, ratio } = clock.latency();
  expect([beforeMs.median, afterMs.median, ratio!.median, ratio!.samples]).toEqual([4, 4, 1, 3]);
});

it("gives no ratio where the clock saw no time pass", () => {
  const clock = new PairClock(2);
  clock.add(0, 0.1);
  clock.add(0.1, 0.1);
  expect(clock.latency()).toMatchObject({ afterMs: { median: 0.1 }, ratio: null });
});
