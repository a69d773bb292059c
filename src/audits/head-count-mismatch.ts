import { attentionHeadGroups, type Evidence, seedHeuristic } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { isSound } from "./layers.js";

const projections: Evidence = {
  level: "disputed",
  source:
    "seed text, section 2; against it: CvT projects to queries, keys and values with depthwise separable " +
    "convolutions, https://arxiv.org/abs/2103.15808",
};

/** Grouped layers before a multi-head attention that has another number of heads than they have groups. */
export const headCountMismatch = defineAudit({
  id: "head-count-mismatch",
  title: "Groups match the heads of the attention behind them",
  failureTitle: "Some groups do not match the heads of the attention behind them",
  why: "A head reads its own channels; where groups and heads line up, each group prepares the channels of one head.",
  seedRows: ["S2"],
  needs: ["convolutions", "attentionHeads"],
  messages: {
    mismatch: {
      text: "groups={groups} ({channelsPerGroup} channels per group) before an attention with heads={heads} at {attention}; nearest valid: {nearest}",
      advice: "Take groups={nearest}, or a dense layer, which serves every head.",
      evidence: seedHeuristic("section 2"),
      golden: "warning",
    },
    depthwise: {
      text: "depthwise, groups={groups}, before an attention with heads={heads} at {attention}; nearest valid: {nearest}",
      advice: "With a 1x1 convolution behind it, leave it; the seed asks for groups={nearest}.",
      evidence: projections,
      golden: "info",
    },
  },

  notApplicable({ convolutions, attentionHeads }) {
    if (attentionHeads.size === 0) return "no convolution is followed by a multi-head attention";
    return convolutions.some(
      (convolution) => convolution.groups > 1 && attentionHeads.has(convolution),
    )
      ? null
      : "the convolutions before a multi-head attention are dense";
  },

  *check({ convolutions, attentionHeads }) {
    for (const convolution of convolutions) {
      const attention = attentionHeads.get(convolution);
      const { groups, channelsPerGroup, inChannels, outChannels, kind } = convolution;
      if (!attention || groups === 1) continue;
      if (!isSound(convolution)) continue;
      const { heads, node } = attention;
      const nearest = attentionHeadGroups({ inChannels, outChannels, heads }).groups;
      if (nearest === groups) continue; // as many as heads, or as near as these channels allow
      const place = { convolution, suggestedGroups: nearest };
      const data = { groups, heads, attention: node.label, nearest };
      if (kind === "depthwise") yield { ...place, message: "depthwise", data };
      else yield { ...place, message: "mismatch", data: { ...data, channelsPerGroup } };
    }
  },
});
