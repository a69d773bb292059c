import { expect, it } from "vitest";
import { askSection } from "../../../tests/support/ask-section.js";
import { runCheck } from "../check.js";
import { cheaperGroups } from "./cheaper-groups.js";

const check = async (...args: Parameters<typeof askSection>) =>
  runCheck("ask", cheaperGroups, await askSection(...args));

it("names the fastest count that computes the same, and a faster one that has to be trained", async () => {
  const { findings } = await check({ groups: 16, ms: { 4: 0.9, 8: 0.5, 16: 1, 32: 0.4, 64: 0.2 } });
  expect(findings.map(({ messageId, suggestedGroups }) => [messageId, suggestedGroups])).toEqual([
    ["pack", 8],
    ["retrain", 64],
  ]);
  expect(findings[0].message).toBe(
    "groups=8 takes 0.5 ms (0.5 to 0.5) on ort-cpu where groups=16 takes 1 ms (1 to 1), and computes the same; quartiles of 12 rounds",
  );
  expect(findings[0].advice).toBe(
    "Join every 2 groups into one with zeros between them: 0.5 ms less (0.5 to 0.5, noise 0.015 ms), for 2 times the multiply-accumulates.",
  );
  expect(findings.map(({ severity }) => severity)).toEqual(["warning", "info"]);
});

it("names no other layer where one that computes the same is as fast", async () => {
  const { findings } = await check({ groups: 16, ms: { 8: 0.5, 16: 1, 32: 0.7 } });
  expect(findings.map(({ messageId }) => messageId)).toEqual(["pack"]);
});

it("is silent about what the noise covers, and about dense layers", async () => {
  expect((await check({ groups: 16, ms: { 8: 0.98, 16: 1 } })).row.status).toBe("passed");
  expect((await check({ groups: 16, ms: { 8: 0.7, 16: 1 }, noiseMs: 1 })).findings).toEqual([]);
  expect((await check({ groups: 1, ms: { 1: 9, 2: 1 } })).row.status).toBe("not-applicable");
});

it("says how far the times spread, and that a ranking is not settled", async () => {
  const { sweep, ...rest } = await askSection({
    groups: 16,
    ms: { 8: 0.5, 16: 1 },
    noiseMs: 0.05,
  });
  const [configuration] = sweep.configurations;
  const open = { ...sweep, configurations: [{ ...configuration, settled: false }] };
  const [{ message }] = runCheck("ask", cheaperGroups, { ...rest, sweep: open }).findings;
  // Of round r the 8 groups, fourth of the counts, take 0.5 + 0.05 sin(7 r + 9): the quartiles of twelve
  // lie three quarters of the way from the third to the fourth, and a quarter from the ninth to the tenth.
  const eight = Array.from({ length: 12 }, (_, r) => 0.5 + 0.05 * Math.sin(7 * r + 9)).sort();
  const low = eight[2] + 0.75 * (eight[3] - eight[2]);
  const high = eight[8] + 0.25 * (eight[9] - eight[8]);
  const digits = (n: number) => String(Number(n.toPrecision(3)));
  expect(message).toContain(`ms (${digits(low)} to ${digits(high)}) on ort-cpu`);
  expect(message).toMatch(/; quartiles of 12 rounds, the ranking unsettled$/);
});
