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
        medianShift: 1.2345,
        worstShift: 7,
        medianVarianceRatio: 0.1,
        driftedChannels: range(drifted),
      },
    }),
  );

it("finds a quarter of the channels off", () => {
  const { findings } = runCheck("look", driftingNorm, section(4));
  expect(findings[0]).toMatchObject({ messageId: "drifted", severity: "warning", node: "conv" });
  expect(findings[0].message).toBe(
    "4 of 16 channels of bn1 are off by over a standard deviation, or over 4 times in variance, over 512 observations: mean by 1.23 deviations in the median and 7 at worst, variance 0.1 times in the median",
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
