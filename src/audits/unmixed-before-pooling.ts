import { wayTo } from "../analysis/index.js";
import { type Evidence, seedHeuristic } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { withoutShuffles } from "./sources.js";

const mixedLater: Evidence = {
  level: "disputed",
  source:
    "seed text, section 3; against it: ShuffleNet's last unit ends in groups, and the classifier mixes what was pooled, https://arxiv.org/abs/1707.01083",
};

/** Groups that reach a global pooling before they met: the seed's second deadly combination. */
export const unmixedBeforePooling = defineAudit({
  id: "unmixed-before-pooling",
  title: "Groups meet before global pooling",
  failureTitle: "Groups go into global pooling unmixed",
  why: "Pooling reduces each channel to one number; what groups could tell each other about places is gone.",
  seedRows: ["S5"],
  needs: ["convolutions", "mixing"],
  messages: {
    never: {
      text: "{groups} groups reach the global pooling {pooling} in {parts} parts and never meet",
      advice: "Put a 1x1 convolution before {pooling}.",
      evidence: withoutShuffles,
      golden: "error",
    },
    gained: {
      text: "{groups} groups reach the global pooling {pooling} in {parts} parts and meet only in the factors or statistics of {gate}",
      advice: "Put a 1x1 convolution before {pooling}.",
      evidence: seedHeuristic("section 3"),
      golden: "error",
    },
    late: {
      text: "{groups} groups reach the global pooling {pooling} in {parts} parts and meet only behind it, at {mixer}",
      advice:
        "A 1x1 convolution before {pooling} mixes them place by place; measure whether it helps.",
      evidence: mixedLater,
      golden: "error",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.some(({ groups }) => groups > 1) ? null : "no convolution has groups",

  *check({ convolutions, mixing }) {
    for (const convolution of convolutions) {
      const { status, poolings, mixedBy } = mixing.get(convolution)!;
      // The last grouped layer before the pooling is to blame, not those before it.
      const meeting = poolings.find(
        ({ previous }) => !wayTo(previous).some(({ kind }) => kind === "groupedConv"),
      );
      if (!meeting || status === "unknown") continue;
      const { groups } = convolution;
      const data = { groups, pooling: meeting.node.label, parts: meeting.partsBefore };
      if (status === "mixed")
        yield { message: "late", convolution, data: { ...data, mixer: mixedBy!.label } };
      else if (status === "gain")
        yield { message: "gained", convolution, data: { ...data, gate: mixedBy!.label } };
      else yield { message: "never", convolution, data };
    }
  },
});
