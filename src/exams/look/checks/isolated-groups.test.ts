import { expect, it } from "vitest";
import { lookLayer, lookSection } from "../../../../tests/support/look-section.js";
import { runCheck } from "../../check.js";
import { isolatedGroups } from "./isolated-groups.js";

const grouped = (withinGroupsAbsR: number | null, acrossGroupsAbsR: number | null) =>
  lookLayer({
    kind: "grouped",
    groups: 4,
    channelsPerGroup: 4,
    output: { withinGroupsAbsR, acrossGroupsAbsR, nullAbsR: 0.05 },
  });
const run = (...layers: ReturnType<typeof lookLayer>[]) =>
  runCheck("look", isolatedGroups, lookSection(...layers));

it.each([
  // 1.5 times the floor is 0.075, 3 times is 0.15
  ["no more across than unrelated channels show", 0.4, 0.07, "unrelated"],
  ["the floor itself", 0.16, 0.05, "unrelated"],
  ["under half of what is within", 0.4, 0.19, "distant"],
])("finds %s", (_, within, across, messageId) => {
  const { row, findings } = run(grouped(within, across));
  expect(row).toMatchObject({ exam: "look", status: "failed", findings: 1 });
  expect(findings[0]).toMatchObject({ messageId, node: "conv", groups: 4, channelsPerGroup: 4 });
});

it("says the numbers", () => {
  const [finding] = run(grouped(0.41234, 0.07)).findings;
  expect(finding.message).toBe(
    "in what the next layer gets, mean |r| is 0.412 (standard deviation 0.11) within its 4 groups and 0.07 (0.06) across them over 512 observations, where unrelated channels show 0.05 (0.04)",
  );
  expect(finding.severity).toBe("warning");
});

it.each([
  ["groups that have to do with each other", 0.4, 0.25],
  ["nothing within that could be compared", 0.14, 0.05],
])("is silent about %s", (_, within, across) => {
  expect(run(grouped(within, across)).row.status).toBe("passed");
});

it("judges what the next layer gets", () => {
  const layer = lookLayer({
    groups: 4,
    output: { withinGroupsAbsR: 0.4, acrossGroupsAbsR: 0.05 },
    after: { withinGroupsAbsR: 0.4, acrossGroupsAbsR: 0.3 },
  });
  expect(run(layer).row.status).toBe("passed");
});

it("does not apply to dense and depthwise layers", () => {
  const depthwise = lookLayer({
    groups: 16,
    output: { withinGroupsAbsR: null, acrossGroupsAbsR: 0.05 },
  });
  expect(run(lookLayer(), depthwise).row).toMatchObject({
    status: "not-applicable",
    reason: "no layer that was looked at has several groups of several channels",
  });
});
