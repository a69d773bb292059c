import type { Evidence } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { isSound } from "./layers.js";

const compensation: Evidence = { level: "heuristic", source: "seed text, sections 5 and 6" };
const fusionSuffices: Evidence = {
  level: "disputed",
  source:
    "seed text, sections 5 and 6; against it: MobileNet and VGG-like networks fuse by 1x1 alone, https://arxiv.org/abs/1704.04861",
};

/** Grouped convolutions without a residual or a 1x1 branch beside them. */
export const uncompensatedGroups = defineAudit({
  id: "uncompensated-groups",
  title: "Grouped layers have a way around",
  failureTitle: "Some grouped layers have no way around",
  why: "A residual connection or a 1x1 branch brings the information that the groups hold back.",
  seedRows: ["S19", "S23"],
  needs: ["convolutions", "mixing"],
  messages: {
    bare: {
      text: "{groups} groups never all meet, and neither a residual connection nor a 1x1 branch joins them",
      advice: "Add a 1x1 branch beside the layer: y = conv(x) + 0.3 * conv1x1(x).",
      evidence: compensation,
      golden: "warning",
    },
    fusedOnly: {
      text: "{groups} groups meet at {mixer}, but nothing compensates before: no residual connection, no 1x1 branch",
      advice: "Nothing to do where {mixer} follows soon; else add a 1x1 branch beside the layer.",
      evidence: fusionSuffices,
      golden: "info",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.some((convolution) => convolution.groups > 1 && isSound(convolution))
      ? null
      : "no convolution has groups",

  *check({ convolutions, mixing }) {
    for (const convolution of convolutions) {
      if (convolution.groups <= 1 || !isSound(convolution)) continue;
      const { groups } = convolution;
      const { status, mixedBy, joinedAt } = mixing.get(convolution)!;
      // A branch that brings all groups joins where it mixes.
      if (joinedAt || status === "unknown") continue;
      if (status === "mixed" && mixedBy)
        yield { message: "fusedOnly", convolution, data: { groups, mixer: mixedBy.label } };
      else yield { message: "bare", convolution, data: { groups } };
    }
  },
});
