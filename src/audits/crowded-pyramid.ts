import {
  type Evidence,
  largestValidGroups,
  MAX_NECK_GROUPS,
  seedHeuristic,
} from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { isSound } from "./layers.js";

const biFpn: Evidence = {
  level: "disputed",
  source:
    "seed text, section 4; against it: EfficientDet's pyramid is depthwise separable throughout, https://arxiv.org/abs/1911.09070",
};

/** More groups in a feature pyramid than the seed allows there. */
export const crowdedPyramid = defineAudit({
  id: "crowded-pyramid",
  title: "Feature pyramids have few groups",
  failureTitle: "Some layers of a feature pyramid have many groups",
  why: "A pyramid is where scales are brought together; groups keep apart what each level has to tell the others.",
  seedRows: ["S9"],
  needs: ["convolutions", "roles"],
  messages: {
    crowded: {
      text: "groups={groups} ({channelsPerGroup} channels per group) in a feature pyramid exceeds {limit}; largest valid: {allowed}",
      advice: "Take groups={allowed}, or see that a dense 1x1 convolution follows.",
      evidence: seedHeuristic("section 4"),
      golden: "warning",
    },
    depthwise: {
      text: "depthwise, groups={groups}, in a feature pyramid exceeds {limit}; largest valid: {allowed}",
      advice: "With a 1x1 convolution behind it, as in EfficientDet, leave it.",
      evidence: biFpn,
      golden: "warning",
    },
  },

  notApplicable: ({ roles }) =>
    [...roles.values()].some(({ role }) => role === "neck") ? null : "no feature pyramid found",

  *check({ convolutions, roles }) {
    const limit = MAX_NECK_GROUPS;
    for (const convolution of convolutions) {
      const { groups, inChannels, outChannels, channelsPerGroup, kind } = convolution;
      if (roles.get(convolution)!.role !== "neck" || groups <= limit) continue;
      if (!isSound(convolution)) continue;
      const allowed = largestValidGroups(inChannels, outChannels, limit);
      const place = { convolution, suggestedGroups: allowed };
      if (kind === "depthwise")
        yield { ...place, message: "depthwise", data: { groups, limit, allowed } };
      else
        yield {
          ...place,
          message: "crowded",
          data: { groups, channelsPerGroup, limit, allowed },
        };
    }
  },
});
