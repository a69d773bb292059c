import { expect, it } from "vitest";
import { askSection } from "../../../tests/support/ask-section.js";
import { runCheck } from "../check.js";
import { slowerThanDense } from "./slower-than-dense.js";

const check = async (...args: Parameters<typeof askSection>) =>
  runCheck("ask", slowerThanDense, await askSection(...args));

it("finds a layer that is slower with its groups than without", async () => {
  const { findings } = await check({ groups: 16, ms: { 1: 1, 8: 0.8, 16: 1.25 } });
  expect(findings).toEqual([
    expect.objectContaining({
      check: "slower-than-dense",
      severity: "warning",
      node: "conv",
      groups: 16,
      channelsPerGroup: 4,
      suggestedGroups: 8,
      // 1 / 1.25 = 0.8
      message:
        "groups=16 takes 1.25 ms (1.25 to 1.25) on ort-cpu, dense 1 ms (1 to 1): counting operations promises 16 times the speed, the clock says 0.8 times (0.8 to 0.8); quartiles of 12 rounds",
      advice:
        "Without groups it is faster by 0.25 ms (0.25 to 0.25, noise 0.03 ms), and computes the same with zeros in its weight. Of the counts that compute the same groups=8 is the fastest, 0.8 ms (0.8 to 0.8).",
    }),
  ]);
  expect(findings[0].evidence.level).toBe("measured");
  const dense = await check({ groups: 2, ms: { 1: 1, 2: 1.25 } });
  expect(dense.findings[0].suggestedGroups).toBe(1);
  expect(dense.findings[0].advice).toMatch(/No other count that computes the same is faster\.$/);
});

it("promises no zeros in a weight that is computed", async () => {
  const { findings } = await check({ groups: 16, ms: { 1: 1, 16: 1.25 }, isComputed: true });
  expect(findings).toEqual([
    expect.objectContaining({
      severity: "info",
      suggestedGroups: 1,
      advice: expect.stringMatching(
        /^Without groups it is faster by 0\.25 ms \(0\.25 to 0\.25, noise 0\.03 ms\)\. Its weight is computed: /,
      ),
    }),
  ]);
});

it("is silent about what the noise covers", async () => {
  expect((await check({ groups: 16, ms: { 1: 1, 16: 1.02 } })).findings).toEqual([]);
  expect((await check({ groups: 16, ms: { 1: 1, 16: 1.25 }, noiseMs: 0.5 })).findings).toEqual([]);
  expect((await check({ groups: 16, ms: { 1: 2, 16: 1 } })).row.status).toBe("passed");
});

it("does not apply without groups", async () => {
  expect((await check({ groups: 1, ms: { 1: 1 } })).row).toMatchObject({
    status: "not-applicable",
    reason: "no layer with groups was timed",
  });
});
