import { expect, it } from "vitest";
import { askSection } from "../../../tests/support/ask-section.js";
import { runCheck } from "../check.js";
import { offFastPath } from "./off-fast-path.js";

const check = async (...args: Parameters<typeof askSection>) =>
  runCheck("ask", offFastPath, await askSection(...args));

// 64 channels, blocks of 8: 16 groups have 4 channels and miss the path, up to 8 groups are on it

it("confirms a miss when the same layer is faster on the path, with more operations", async () => {
  const { findings } = await check({ groups: 16, ms: { 4: 0.9, 8: 0.5, 16: 1 } });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    messageId: "confirmed",
    severity: "warning",
    suggestedGroups: 8,
    message:
      "groups=16 misses the fast path and takes 1 ms (1 to 1) on ort-cpu; groups=8 is on it and takes 0.5 ms (0.5 to 0.5) with 2 times the multiply-accumulates; quartiles of 12 rounds",
  });
});

it("refutes it when every such layer is slower, and keeps it as it is", async () => {
  const { findings } = await check({ groups: 32, ms: { 8: 1.5, 16: 0.2, 32: 1 } });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    messageId: "refuted",
    severity: "info",
    suggestedGroups: null,
    // 16 groups are off the path, too: they decide nothing
    message: expect.stringMatching(
      /the best is groups=8 with 1\.5 ms \(1\.5 to 1\.5\); quartiles of 12 rounds$/,
    ),
  });
});

it("says neither within the noise", async () => {
  expect((await check({ groups: 16, ms: { 8: 1.02, 16: 1 } })).findings).toEqual([]);
});

it("is about layers off the path alone", async () => {
  for (const groups of [1, 8, 64])
    expect((await check({ groups, ms: { 4: 0.1 } })).row.status).toBe("not-applicable");
});

it("claims nothing of other targets, whose paths nobody knows", async () => {
  const section = await askSection({ groups: 16, ms: { 8: 0.5, 16: 1 }, target: "ort-wasm" });
  const { row, findings } = runCheck("ask", offFastPath, section);
  expect(row).toMatchObject({
    status: "not-applicable",
    reason: "fast paths are known of ort-cpu, and this was timed on ort-wasm",
  });
  expect(findings).toEqual([]);
});
