import { defineCheck } from "../../check.js";
import type { LookSection } from "../section.js";
import { handedOn, quartiles, rounded } from "./layer-view.js";

/** A picture that varies by less than this share of its size has nearly nothing to say. */
const FAINT = 0.01;

/** That all channels are constant over fewer observations may be the pictures' likeness. */
const FEWEST = 8;

/** A layer whose output hardly depends on what the network is shown (S7). */
export const collapsedSignal = defineCheck<LookSection>()({
  id: "collapsed-signal",
  title: "The signal comes through",
  failureTitle: "The signal dies away somewhere",
  why: "What is constant for every input carries nothing; all layers behind it work on a constant.",
  seedRows: ["S7"],
  messages: {
    constant: {
      text: "all {channels} channels are constant over {observations} observations",
      advice:
        "Nothing of the input gets past it: mend the layer, or take the branch it stands in out.",
      severity: "warning",
      evidence: { level: "measured", source: "this run" },
    },
    faint: {
      text: "its output varies by {percent} % of its size: standard deviation {std}, of half of the channels {quartiles}, over {observations} observations",
      advice:
        "Put a norm behind the layer, fewer groups and a 1x1 path around it, as RescueCombo does.",
      severity: "warning",
      evidence: {
        level: "measured",
        source:
          "this run; the repair: seed text, section 3; that 1 % is too little is a rule of thumb",
      },
    },
  },

  *check({ layers }) {
    for (const layer of layers) {
      const { deadChannels, observations, relativeStd, std, stdSpread } = handedOn(layer);
      const { outChannels: channels, positions } = layer;
      if (deadChannels.length === channels && observations >= FEWEST)
        yield { message: "constant", layer, data: { channels, observations } };
      // One number a picture, such as a gate's, may well be much the same for all pictures.
      else if (positions > 1 && relativeStd !== null && relativeStd < FAINT)
        yield {
          message: "faint",
          layer,
          data: {
            percent: rounded(100 * relativeStd),
            std: rounded(std),
            quartiles: quartiles(stdSpread),
            observations,
          },
        };
    }
  },
});
