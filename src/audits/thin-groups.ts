import {
  type Evidence,
  groupShareLimit,
  largestValidGroups,
  MAX_GROUP_PERCENT,
  MIN_CHANNELS_PER_GROUP,
} from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { isSound } from "./layers.js";

const shareRule: Evidence = { level: "heuristic", source: "seed text, sections 2 and 6" };
const saturation: Evidence = {
  level: "heuristic",
  source:
    "seed text, section 2; ResNeXt adopts at least 4 channels per group, as accuracy saturates below, https://arxiv.org/abs/1611.05431",
};
const depthwiseNetworks: Evidence = {
  level: "disputed",
  source:
    "seed text, section 6; against it: MobileNet, EfficientNet and ConvNeXt are depthwise throughout, https://arxiv.org/abs/1704.04861",
};

/** Groups so many that each has few channels: over 30 % of the channels (S21), or under four a group (S2). */
export const thinGroups = defineAudit({
  id: "thin-groups",
  title: "Groups are wide enough",
  failureTitle: "Some groups are thin",
  why: "A filter sees only its group's channels; with few of them it has little to combine.",
  seedRows: ["S2", "S21"],
  needs: ["convolutions", "mixing"],
  messages: {
    overShare: {
      text: "groups={groups} exceeds {percent} % of {channels} channels, which is {limit}; {channelsPerGroup} channels per group",
      advice: "Take {suggested} groups or fewer.",
      evidence: shareRule,
      golden: "warning",
    },
    overQuarter: {
      text: "groups={groups} leaves {channelsPerGroup} channels per group, under the {least} of the quarter rule",
      advice: "Take {suggested} groups or fewer.",
      evidence: saturation,
      golden: "info",
    },
    depthwiseMixed: {
      text: "depthwise, groups={groups}: over {percent} % of its channels, and explained: {mixer} mixes them",
      advice: "Nothing to do: a depthwise and a pointwise convolution are one layer in two steps.",
      evidence: depthwiseNetworks,
      golden: "info",
    },
    depthwiseApart: {
      text: "depthwise, groups={groups}: over {percent} % of its channels, and nothing is known to mix them",
      advice: "Put a 1x1 convolution behind it, or take {suggested} groups.",
      evidence: shareRule,
      golden: "warning",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.some((convolution) => convolution.groups > 1 && isSound(convolution))
      ? null
      : "no convolution has groups",

  *check({ convolutions, mixing }) {
    for (const convolution of convolutions) {
      const { groups, inChannels, outChannels, channelsPerGroup, kind } = convolution;
      if (groups <= 1 || !isSound(convolution)) continue;
      const channels = Math.min(inChannels, outChannels);
      const limit = groupShareLimit(inChannels, outChannels);
      const suggested = largestValidGroups(inChannels, outChannels, limit);
      const percent = MAX_GROUP_PERCENT;
      const { status, mixedBy } = mixing.get(convolution)!;
      if (kind === "depthwise" && groups > limit) {
        if (status === "mixed" && mixedBy) {
          const data = { groups, percent, mixer: mixedBy.label };
          yield { message: "depthwiseMixed", convolution, data };
        } else {
          const data = { groups, percent, suggested };
          yield { message: "depthwiseApart", convolution, data, suggestedGroups: suggested };
        }
      } else if (groups > limit) {
        const data = { groups, percent, channels, limit, channelsPerGroup, suggested };
        yield { message: "overShare", convolution, data, suggestedGroups: suggested };
      } else if (channels / groups < MIN_CHANNELS_PER_GROUP) {
        const quarter = Math.floor(channels / MIN_CHANNELS_PER_GROUP);
        const fitting = largestValidGroups(inChannels, outChannels, Math.max(1, quarter));
        const data = {
          groups,
          channelsPerGroup,
          least: MIN_CHANNELS_PER_GROUP,
          suggested: fitting,
        };
        yield { message: "overQuarter", convolution, data, suggestedGroups: fitting };
      }
    }
  },
});
