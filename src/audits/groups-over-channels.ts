import { largestValidGroups, MAX_CHANNELS, MIN_CHANNELS_PER_GROUP } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { convSpecification } from "./sources.js";

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
        "Take at most {most} groups; {quarter} of them have {least} channels each or more, as far as the channels allow.",
      evidence: convSpecification,
      golden: "error",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.length > 0 ? null : "the model has no convolutions",

  *check({ convolutions }) {
    const least = MIN_CHANNELS_PER_GROUP;
    for (const convolution of convolutions) {
      const { groups, inChannels, outChannels } = convolution;
      const channels = Math.min(inChannels, outChannels);
      // Without channels, or with more than there are anywhere, there is nothing to count by.
      if (groups <= channels || groups < 1 || channels < 1) continue;
      if (Math.max(inChannels, outChannels) > MAX_CHANNELS) continue;
      const most = largestValidGroups(inChannels, outChannels, channels);
      const quarter = largestValidGroups(inChannels, outChannels, Math.floor(channels / least));
      const data = { groups, inChannels, outChannels, most, quarter, least };
      yield { message: "overChannels", convolution, data, suggestedGroups: quarter };
    }
  },
});
