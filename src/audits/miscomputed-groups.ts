import type { Convolution } from "../analysis/index.js";
import { type Evidence, type Miscomputation, validGroups } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { isSound } from "./layers.js";
import { shapeWithGroups } from "./other-groups.js";

const faults: Evidence = {
  level: "runtime",
  source: "the runtime's source and runs beside the processor, cited in the finding",
};

/** Layers whose groups their target computes wrong, without a word. */
export const miscomputedGroups = defineAudit({
  id: "miscomputed-groups",
  title: "The target computes what the groups say",
  failureTitle: "Some groups come out wrong on the target",
  why: "A fault of a runtime raises no error: the network gives other answers than it was trained to.",
  seedRows: [],
  needs: ["convolutions", "target"],
  messages: {
    wrong: {
      text: "groups={groups} comes out wrong on {target}: {reason}",
      advice: "{packing}; or {remedy}. {level}: {source}",
      evidence: faults,
    },
  },

  notApplicable({ convolutions, target: { target } }) {
    if (target.miscomputation === null) return `no wrong results are known of ${target.title}`;
    return convolutions.some(isJudged) ? null : "no convolution in floats has groups";
  },

  *check({ convolutions, target: { target } }) {
    const { miscomputation, title } = target;
    if (miscomputation === null) return;
    for (const convolution of convolutions.filter(isJudged)) {
      const { groups } = convolution;
      const reason = miscomputation.reasonFor(shapeWithGroups(convolution, groups));
      if (reason === null) continue;
      const packed = nearestRight(convolution, miscomputation);
      yield {
        message: "wrong",
        convolution,
        data: {
          groups,
          target: title,
          reason,
          packing: packingText(groups, packed),
          remedy: miscomputation.remedy,
          ...miscomputation.evidence,
        },
        suggestedGroups: packed === 1 ? null : packed,
      };
    }
  },
});

function isJudged(convolution: Convolution): boolean {
  const { op, groups } = convolution;
  return (op === "Conv" || op === "ConvTranspose") && groups > 1 && isSound(convolution);
}

/** The most groups that packing reaches and that come out right; one does. */
function nearestRight(convolution: Convolution, miscomputation: Miscomputation): number {
  const { inChannels, outChannels, groups } = convolution;
  return validGroups(inChannels, outChannels).findLast(
    (count) =>
      count < groups &&
      groups % count === 0 &&
      miscomputation.reasonFor(shapeWithGroups(convolution, count)) === null,
  )!;
}

function packingText(groups: number, packed: number): string {
  const factor = groups / packed;
  const into =
    packed === 1
      ? "Make it dense with zeros in its weight"
      : `Pack ${factor} groups into one with zeros in its weight, groups=${packed}`;
  return `${into}: that comes out right and is the same function, at ${factor} times the multiply-accumulates`;
}
