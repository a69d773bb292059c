import { expect, it } from "vitest";
import { lookLayer, lookSection } from "../../../../tests/support/look-section.js";
import { range } from "../../../util/math.js";
import { runCheck } from "../../check.js";
import { collapsedSignal } from "./collapsed-signal.js";

const run = (layer: Parameters<typeof lookLayer>[0]) =>
  runCheck("look", collapsedSignal, lookSection(lookLayer(layer))).findings;

it("finds a layer that is constant", () => {
  const [finding] = run({ output: { deadChannels: range(16), std: 0, relativeStd: 0 } });
  expect(finding).toMatchObject({ messageId: "constant", severity: "warning" });
  expect(finding.message).toBe("all 16 channels are constant over 512 observations");
});

it("finds a layer that hardly varies", () => {
  const [finding] = run({
    after: {
      std: 0.004567,
      stdSpread: { median: 0.004, low: 0.001, high: 0.006, samples: 16 },
      relativeStd: 0.0051,
    },
  });
  expect(finding).toMatchObject({ messageId: "faint" });
  expect(finding.message).toBe(
    "its output varies by 0.51 % of its size: standard deviation 0.00457, of half of the channels 0.001 to 0.006, over 512 observations",
  );
});

it.each([
  ["a layer that varies by 1 %", { output: { relativeStd: 0.01 } }],
  ["a gate much the same for all pictures", { positions: 1, output: { relativeStd: 0.001 } }],
  ["too few samples", { output: { deadChannels: range(16), observations: 7, relativeStd: null } }],
])("is silent about %s", (_, layer) => {
  expect(run(layer)).toEqual([]);
});
