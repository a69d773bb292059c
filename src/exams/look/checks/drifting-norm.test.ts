import { expect, it } from "vitest";
import { lookLayer, lookSection } from "../../../../tests/support/look-section.js";
import { range } from "../../../util/math.js";
import { runCheck } from "../../check.js";
import { driftingNorm } from "./drifting-norm.js";

const section = (drifted: number) =>
  lookSection(
    lookLayer({
      normDrift: {
        norm: "bn1",
        shift: { median: 1.2345, low: 0.8, high: 1.5, samples: 16 },
        worstShift: 7,
        varianceRatio: { median: 0.1, low: 0.05, high: 0.3456, samples: 16 },
        driftedChannels: range(drifted),
      },
    }),
  );

it("finds a quarter of the channels off", () => {
  const { findings } = runCheck("look", driftingNorm, section(4));
  expect(findings[0]).toMatchObject({ messageId: "drifted", severity: "warning", node: "conv" });
  expect(findings[0].message).toBe(
    "4 of 16 channels of bn1 are off by over a standard deviation, or over 4 times in variance, over 512 observations: mean by 1.23 deviations in the median (half of the channels 0.8 to 1.5) and 7 at worst, variance 0.1 times in the median (0.05 to 0.346)",
  );
});

it("only informs where the data are synthetic", () => {
  const { findings } = runCheck("look", driftingNorm, { ...section(4), synthetic: true });
  expect(findings[0]).toMatchObject({ messageId: "driftedOnSynthetic", severity: "info" });
});

it("is silent about fewer", () => {
  expect(runCheck("look", driftingNorm, section(3)).row.status).toBe("passed");
});

it("does not apply where norms were folded away", () => {
  const { row } = runCheck("look", driftingNorm, lookSection(lookLayer()));
  expect(row.status).toBe("not-applicable");
  expect(row.reason).toContain("exporters fold them away");
});
