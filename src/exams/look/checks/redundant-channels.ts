import { defineCheck } from "../../check.js";
import type { LookSection } from "../section.js";
import { ENOUGH_OBSERVATIONS, handedOn, rounded } from "./layer-view.js";

/** Fewer duplicates than this share of a layer's living channels are not worth a word. */
const LEAST_SHARE = 0.1;

/** Channels that say what others say. */
export const redundantChannels = defineCheck<LookSection>()({
  id: "redundant-channels",
  title: "Channels each say something",
  failureTitle: "Some channels say what others say",
  why: "A channel that goes with another one costs what any channel costs and adds nothing.",
  seedRows: ["S13", "S25"],
  messages: {
    duplicates: {
      text: "in what the next layer gets, {duplicates} of {living} living channels have |r| of 0.99 or more with an earlier one over {observations} observations",
      advice: "Fewer output channels would do: {needed} are not copies.",
      severity: "info",
      evidence: {
        level: "measured",
        source: "this run; that a tenth of the channels is worth mending is a rule of thumb",
      },
    },
    aboveReference: {
      text: "in what the next layer gets, mean |r| is {absR} (standard deviation {sd} over pairs, {observations} observations); in healthy models' layers of its kind ({kind}) it is {low} to {high}",
      advice: "Fewer channels, or more groups followed by a mixing layer, lose little here.",
      severity: "info",
      evidence: {
        level: "measured",
        source: "this run, beside the layers of models in production: bench/exam/look/BANDS.md",
      },
    },
  },

  *check({ layers }) {
    for (const layer of layers) {
      const { deadChannels, duplicateChannels, referenceBand, meanAbsR, sdAbsR, observations } =
        handedOn(layer);
      if (observations < ENOUGH_OBSERVATIONS) continue;
      const living = layer.outChannels - deadChannels.length;
      const duplicates = duplicateChannels.length;
      if (duplicates > 0 && duplicates >= LEAST_SHARE * living)
        yield {
          message: "duplicates",
          layer,
          data: { duplicates, living, needed: living - duplicates, observations },
        };
      if (referenceBand?.verdict === "above")
        yield {
          message: "aboveReference",
          layer,
          data: {
            absR: rounded(meanAbsR!),
            sd: rounded(sdAbsR!),
            observations,
            kind: layer.kind,
            low: rounded(referenceBand.low),
            high: rounded(referenceBand.high),
          },
        };
    }
  },
});
