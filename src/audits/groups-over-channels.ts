import { type Evidence, largestValidGroups } from "../groups/index.js";
import { defineAudit } from "./audit.js";

const convSpecification: Evidence = {
  level: "specification",
  source: "https://onnx.ai/onnx/operators/onnx__Conv.html",
};

/** Convolutions with more groups than channels: the seed's first deadly combination. */
export const groupsOverChannels = defineAudit({
  id: "groups-over-channels",
  title: "No layer has more groups than channels",
  failureTitle: "A layer has more groups than channels",
  why: "A group needs at least one channel in and one channel out; no runtime runs the layer.",
  seedRows: ["S4"],
  needs: ["convolutions"],
  messages: {
    overChannels: {
      text: "groups={groups} exceeds min(inChannels={inChannels}, outChannels={outChannels}); most valid: {most}",
      advice:
        "Take at most {most} groups; {quarter} keeps a quarter of the channels or more in each.",
      evidence: convSpecification,
      golden: "error",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.length > 0 ? null : "the model has no convolutions",

  *check({ convolutions }) {
    for (const convolution of convolutions) {
      const { groups, inChannels, outChannels } = convolution;
      const channels = Math.min(inChannels, outChannels);
      // Below one of either there is nothing to count by.
      if (groups <= channels || groups < 1 || channels < 1) continue;
      const most = largestValidGroups(inChannels, outChannels, channels);
      const quarter = largestValidGroups(
        inChannels,
        outChannels,
        Math.max(1, Math.floor(channels / 4)),
      );
      const data = { groups, inChannels, outChannels, most, quarter };
      yield { message: "overChannels", convolution, data, suggestedGroups: quarter };
    }
  },
});
