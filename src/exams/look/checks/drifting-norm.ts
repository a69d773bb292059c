import { defineCheck } from "../../check.js";
import type { LookSection } from "../section.js";
import { quartiles, rounded } from "./layer-view.js";

/** Channels off by a deviation happen in any network; a quarter of them is a pattern. */
const MANY = 0.25;

/** Batch norms whose stored statistics are not those of the data (S6). */
export const driftingNorm = defineCheck<LookSection>()({
  id: "drifting-norm",
  title: "Batch norms know their data",
  failureTitle: "Some batch norms store other statistics than the data have",
  why: "A batch norm divides by what it stored in training; on data unlike that it scales wrongly.",
  seedRows: ["S6"],
  messages: {
    drifted: {
      text: "{drifted} of {channels} channels of {norm} are off by over a standard deviation, or over 4 times in variance, over {observations} observations: mean by {shift} deviations in the median (half of the channels {shiftQuartiles}) and {worst} at worst, variance {ratio} times in the median ({ratioQuartiles})",
      advice:
        "See that the data are prepared as in training; else estimate the statistics anew on them.",
      severity: "warning",
      evidence: {
        level: "measured",
        source: "this run; that a quarter of the channels is a pattern is a rule of thumb",
      },
    },
    driftedOnSynthetic: {
      text: "{drifted} of {channels} channels of {norm} are off by over a standard deviation, or over 4 times in variance, over {observations} observations of synthetic data",
      advice: "Give data of your own: noise is not what the network was trained on.",
      severity: "info",
      evidence: { level: "measured", source: "this run, on synthetic data" },
    },
  },

  notApplicable: ({ layers }) =>
    layers.some(({ normDrift }) => normDrift)
      ? null
      : "no batch norm with stored statistics stands behind a convolution; exporters fold them away",

  *check({ layers, synthetic }) {
    for (const layer of layers) {
      if (!layer.normDrift) continue;
      const { norm, shift, worstShift, varianceRatio, driftedChannels } = layer.normDrift;
      const { outChannels: channels } = layer;
      const drifted = driftedChannels.length;
      if (drifted < MANY * channels) continue;
      const data = { drifted, channels, norm, observations: layer.output.observations };
      if (synthetic) yield { message: "driftedOnSynthetic", layer, data };
      else
        yield {
          message: "drifted",
          layer,
          data: {
            ...data,
            shift: rounded(shift.median),
            shiftQuartiles: quartiles(shift),
            worst: rounded(worstShift),
            ratio: rounded(varianceRatio.median),
            ratioQuartiles: quartiles(varianceRatio),
          },
        };
    }
  },
});
