import {
  type Evidence,
  groupShareLimit,
  largestValidGroups,
  MAX_GROUP_PERCENT,
} from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { isSound } from "./layers.js";

const shareRule: Evidence = {
  level: "heuristic",
  source:
    "seed text, sections 2 and 6; ResNeXt keeps 4 channels per group or more, as accuracy saturates below, https://arxiv.org/abs/1611.05431",
};
const depthwiseNetworks: Evidence = {
  level: "disputed",
  source:
    "seed text, section 6; against it: MobileNet, EfficientNet and ConvNeXt are depthwise throughout, https://arxiv.org/abs/1704.04861",
};

/**
 * Groups of few channels: more groups than 30 % of the channels (S21), or than a quarter (S2). For groups
 * that divide the channels the two are one: a share is 1/k, and 1/4 is within both while 1/3 is over both.
 */
export const thinGroups = defineAudit({
  id: "thin-groups",
  title: "Groups are wide enough",
  failureTitle: "Some groups are thin",
  why: "A filter sees only its group's channels; with few of them it has little to combine.",
  seedRows: ["S2", "S21"],
  needs: ["convolutions", "mixing"],
  messages: {
    overShare: {
      text: "groups={groups} exceeds {percent} % of min(inChannels={inChannels}, outChannels={outChannels}), which is {limit}: a group has {ins} channels in and {outs} out",
      advice: "Take {suggested} groups or fewer.",
      evidence: shareRule,
      golden: "warning",
    },
    depthwiseMixed: {
      text: "depthwise, groups={groups}: over {percent} % of its channels, and explained: {mixer} mixes them",
      advice: "Nothing to do: a depthwise and a pointwise convolution are one layer in two steps.",
      evidence: depthwiseNetworks,
      golden: "info",
    },
    depthwiseUnknown: {
      text: "depthwise, groups={groups}: over {percent} % of its channels; what mixes them is not known behind {node}",
      advice: "Nothing to do where a 1x1 convolution follows {node}.",
      evidence: depthwiseNetworks,
      golden: "info",
    },
    depthwiseApart: {
      text: "depthwise, groups={groups}: over {percent} % of its channels, and nothing mixes them all",
      advice: "Put a 1x1 convolution behind it, or take {suggested} groups or fewer.",
      evidence: shareRule,
      golden: "warning",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.some((convolution) => convolution.groups > 1 && isSound(convolution))
      ? null
      : "no convolution has groups",

  *check({ convolutions, mixing }) {
    const percent = MAX_GROUP_PERCENT;
    for (const convolution of convolutions) {
      const { groups, inChannels, outChannels, kind } = convolution;
      if (groups <= 1 || !isSound(convolution)) continue;
      const limit = groupShareLimit(inChannels, outChannels);
      if (groups <= limit) continue;
      const suggestedGroups = largestValidGroups(inChannels, outChannels, limit);
      const suggested = suggestedGroups;
      if (kind !== "depthwise") {
        const [ins, outs] = [inChannels / groups, outChannels / groups];
        const data = { groups, percent, inChannels, outChannels, limit, ins, outs, suggested };
        yield { message: "overShare", convolution, data, suggestedGroups };
        continue;
      }
      const { status, mixedBy, unknownAt } = mixing.get(convolution)!;
      const data = { groups, percent };
      if (status === "mixed")
        yield {
          message: "depthwiseMixed",
          convolution,
          data: { ...data, mixer: mixedBy!.label },
        };
      else if (status === "unknown")
        yield {
          message: "depthwiseUnknown",
          convolution,
          data: { ...data, node: unknownAt!.label },
        };
      else {
        const withWayOut = { ...data, suggested };
        yield { message: "depthwiseApart", convolution, data: withWayOut, suggestedGroups };
      }
    }
  },
});
