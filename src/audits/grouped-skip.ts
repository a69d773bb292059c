import { type Evidence, sceneRange } from "../groups/index.js";
import { count } from "../util/text.js";
import { defineAudit } from "./audit.js";
import { isSound } from "./layers.js";

const seed: Evidence = {
  level: "heuristic",
  source:
    "seed text, section 4; no published network or ablation found that speaks for or against it",
};

/** S10. */
const { max: allowed } = sceneRange({ task: "segmentation", role: "skip" });

/** Groups on the connections that carry detail from the way down to the way up. */
export const groupedSkip = defineAudit({
  id: "grouped-skip",
  title: "Skip connections mix all their channels",
  failureTitle: "Some skip connections have groups",
  why: "A skip connection brings detail to the decoder; groups on it keep parts of that detail from each other.",
  seedRows: ["S10"],
  needs: ["convolutions", "roles"],
  messages: {
    grouped: {
      text: "groups={groups} ({perGroup} per group) on a skip connection, where the seed asks for groups={allowed}",
      advice:
        "Make it dense, or see that a dense 1x1 convolution follows where it joins the decoder.",
      evidence: seed,
      golden: "warning",
    },
  },

  notApplicable: ({ roles }) =>
    [...roles.values()].some(({ role }) => role === "skip")
      ? null
      : "no convolution is on a skip connection",

  *check({ convolutions, roles }) {
    for (const convolution of convolutions) {
      const { groups, channelsPerGroup } = convolution;
      if (roles.get(convolution)!.role !== "skip" || groups <= allowed) continue;
      if (!isSound(convolution)) continue;
      const data = { groups, perGroup: count(channelsPerGroup, "channel"), allowed };
      yield { message: "grouped", convolution, data, suggestedGroups: allowed };
    }
  },
});
