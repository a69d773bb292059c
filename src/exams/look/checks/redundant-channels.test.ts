import { expect, it } from "vitest";
import { lookLayer, lookSection } from "../../../../tests/support/look-section.js";
import { runCheck } from "../../check.js";
import { redundantChannels } from "./redundant-channels.js";

const run = (output: Parameters<typeof lookLayer>[0] & object) =>
  runCheck("look", redundantChannels, lookSection(lookLayer(output))).findings;

it("finds a tenth of the living channels or more that are copies", () => {
  // 16 channels, 6 of them dead: one copy is a tenth of 10
  const [finding, ...more] = run({
    output: { deadChannels: [0, 1, 2, 3, 4, 5], duplicateChannels: [9] },
  });
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ messageId: "duplicates", severity: "info" });
  expect(finding.message).toBe(
    "in what the next layer gets, 1 of 10 living channels have |r| of 0.99 or more with an earlier one over 512 observations",
  );
  expect(finding.advice).toContain("9 are not copies");
});

it("finds more correlation than healthy layers of its kind have", () => {
  const referenceBand = { low: 0.2, high: 0.6, verdict: "above" } as const;
  const [finding] = run({ output: { meanAbsR: 0.75, referenceBand } });
  expect(finding).toMatchObject({ messageId: "aboveReference" });
  expect(finding.message).toBe(
    "in what the next layer gets, mean |r| is 0.75 (standard deviation 0.1 over pairs, 512 observations); in healthy models' layers of its kind (dense) it is 0.2 to 0.6",
  );
});

it.each([
  ["one copy of 16", { output: { duplicateChannels: [3] } }],
  ["too few observations", { output: { duplicateChannels: [3, 4, 5], observations: 31 } }],
  [
    "a layer within the band",
    { output: { referenceBand: { low: 0.1, high: 0.6, verdict: "within" } } },
  ],
] as const)("is silent about %s", (_, output) => {
  expect(run(output as Parameters<typeof run>[0])).toEqual([]);
});
