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
    "groups=8 takes 0.5 ms on ort-cpu where groups=16 takes 1 ms, and computes the same",
  );
  expect(findings[0].advice).toBe(
    "Join every 2 groups into one with zeros between them: 0.5 ms less (noise 0.015 ms), for 2 times the multiply-accumulates.",
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
