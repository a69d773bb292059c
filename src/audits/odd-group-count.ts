import { type Evidence, findTarget, TENSORRT_MAX_GROUPS, validGroups } from "../groups/index.js";
import { isPowerOfTwo } from "../util/math.js";
import { defineAudit } from "./audit.js";
import { isGrouped, noneGrouped } from "./layers.js";

const powersOfTwo: Evidence = {
  level: "disputed",
  source:
    "seed text, section 2; against it: RegNet's group counts are 9, 21, 46 and the like, https://arxiv.org/abs/2003.13678",
};

/** What is said of the number of groups, by the seed on TensorRT and by the vendor on Qualcomm's HTP. */
const [tensorrt] = findTarget("tensorrt").preferences;
const [hexagon] = findTarget("qualcomm-htp").preferences;

/** Group counts that are no power of two, or more than a target is said to like. Depthwise layers aside. */
export const oddGroupCount = defineAudit({
  id: "odd-group-count",
  title: "Group counts are powers of two",
  failureTitle: "Some group counts are no powers of two, or too many for the target",
  why: "Small powers of two are said to meet tuned kernels; what vendors document is mostly the channels per group.",
  seedRows: ["S2", "S12"],
  needs: ["convolutions", "target"],
  messages: {
    notPowerOfTwo: {
      text: "groups={groups} ({channelsPerGroup} channels per group) is no power of two; nearest valid one: {nearest}",
      advice:
        "Judge by the channels per group first; take groups={nearest} only if it measures faster.",
      evidence: powersOfTwo,
      golden: "warning",
    },
    overSixteen: {
      text: "groups={groups} ({channelsPerGroup} channels per group) exceeds {limit}, the seed's limit for {target}; nearest valid power of two: {nearest}",
      advice: "NVIDIA documents no limit: take groups={nearest} only if it measures faster.",
      evidence: tensorrt.evidence,
      golden: "warning",
    },
    vendorPowerOfTwo: {
      text: "groups={groups} ({channelsPerGroup} channels per group) is no power of two, which the guide of {target} asks for; nearest valid one: {nearest}",
      advice: "Take groups={nearest}, or the power of two after which doubling gains no accuracy.",
      evidence: hexagon.evidence,
      golden: "warning",
    },
  },

  notApplicable: ({ convolutions }) => noneGrouped(convolutions),

  *check({ convolutions, target: { target } }) {
    const likes = (id: string) => target.preferences.some((preference) => preference.id === id);
    for (const convolution of convolutions.filter(isGrouped)) {
      const { groups, channelsPerGroup, inChannels, outChannels } = convolution;
      const powers = validGroups(inChannels, outChannels).filter(isPowerOfTwo);
      const nearest = nearestOf(powers, groups);
      const data = { groups, channelsPerGroup };
      if (likes(tensorrt.id) && groups > TENSORRT_MAX_GROUPS) {
        const limit = TENSORRT_MAX_GROUPS;
        const below = powers.findLast((power) => power <= limit)!;
        const more = { limit, target: target.title, nearest: below };
        yield {
          message: "overSixteen",
          convolution,
          data: { ...data, ...more },
          suggestedGroups: below,
        };
      } else if (isPowerOfTwo(groups)) continue;
      else if (likes(hexagon.id)) {
        const more = { target: target.title, nearest };
        yield {
          message: "vendorPowerOfTwo",
          convolution,
          data: { ...data, ...more },
          suggestedGroups: nearest,
        };
      } else {
        yield {
          message: "notPowerOfTwo",
          convolution,
          data: { ...data, nearest },
          suggestedGroups: nearest,
        };
      }
    }
  },
});

/** Of two equally near, the smaller, which mixes more. */
function nearestOf(ascending: readonly number[], wanted: number): number {
  const distance = (n: number) => Math.abs(n - wanted);
  return ascending.reduce((best, n) => (distance(n) < distance(best) ? n : best));
}
