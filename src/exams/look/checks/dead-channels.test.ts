import { expect, it } from "vitest";
import { lookLayer, lookSection } from "../../../../tests/support/look-section.js";
import { range } from "../../../util/math.js";
import { runCheck } from "../../check.js";
import { deadChannels } from "./dead-channels.js";

const run = (dead: number, observations = 512, positions = 64) =>
  runCheck(
    "look",
    deadChannels,
    lookSection(lookLayer({ positions, output: { deadChannels: range(dead), observations } })),
  ).findings.map(({ messageId, severity, message }) => ({ messageId, severity, message }));

it("finds some", () => {
  expect(run(1)).toEqual([
    {
      messageId: "few",
      severity: "info",
      message: "1 of 16 channels are constant over 512 observations",
    },
  ]);
});

it("finds a tenth or more, and says it louder", () => {
  expect(run(2)).toEqual([
    {
      messageId: "many",
      severity: "warning",
      message: "2 of 16 channels are constant over 512 observations",
    },
  ]);
});

it("finds gates that never move, one number a sample", () => {
  expect(run(15, 8, 1)).toEqual([
    {
      messageId: "gates",
      severity: "info",
      message: "15 of 16 channels are the same number on all 8 samples",
    },
  ]);
});

it.each([
  ["none", 0, 512, 64],
  ["all, of which collapsed-signal speaks", 16, 512, 64],
  ["too few observations", 2, 31, 4],
  ["gates on too few samples", 15, 7, 1],
])("is silent about %s", (_, dead, observations, positions) => {
  expect(run(dead, observations, positions)).toEqual([]);
});
