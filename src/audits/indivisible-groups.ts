import type { Convolution } from "../analysis/index.js";
import { groupsProblem, MAX_CHANNELS, nearestValidGroups } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { convSpecification } from "./sources.js";

/** Convolutions whose groups do not divide their channels, or whose weight was made for other channels. */
export const indivisibleGroups = defineAudit({
  id: "indivisible-groups",
  title: "Groups divide the channels",
  failureTitle: "Groups do not divide the channels",
  why: "Every group takes as many input channels as the next and gives as many output channels; a runtime refuses anything else, if only at the first run, and ONNX's own checker does not say so.",
  seedRows: ["S18", "S22"],
  needs: ["convolutions"],
  messages: {
    notPositive: {
      text: "groups={groups} must be at least 1",
      advice: "Set groups to 1, or to what the weight was made for.",
      evidence: convSpecification,
      golden: "error",
    },
    inChannels: {
      text: "groups={groups} must divide inChannels={inChannels}; nearest valid: {nearest}",
      advice: "Take one of {nearest}, or change the channels to a multiple of {groups}.",
      evidence: convSpecification,
      golden: "error",
    },
    outChannels: {
      text: "groups={groups} must divide outChannels={outChannels}; nearest valid: {nearest}",
      advice: "Take one of {nearest}, or change the channels to a multiple of {groups}.",
      evidence: convSpecification,
      golden: "error",
    },
    otherGroups: {
      text: "groups={groups} makes the weight one for {weightChannels} input channels, the data has inChannels={inChannels}; the weight fits groups={fitting}",
      advice: "Set groups to {fitting}, if the weight is right.",
      evidence: convSpecification,
      golden: "error",
    },
    otherWeight: {
      text: "the weight is for {weightChannels} input channels in groups={groups}, the data has inChannels={inChannels}; no other number of groups makes it fit",
      advice: "Make a weight for {inChannels} channels, or see what comes before the layer.",
      evidence: convSpecification,
      golden: "error",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.length > 0 ? null : "the model has no convolutions",

  *check({ convolutions }) {
    for (const convolution of convolutions) {
      const { groups, inChannels, outChannels, weightInChannels: weightChannels } = convolution;
      const fitting = groupsOfWeight(convolution);
      if (groups < 1) {
        const suggestedGroups = fitting ?? (hasChannels(convolution) ? 1 : null);
        yield { message: "notPositive", convolution, data: { groups }, suggestedGroups };
        continue;
      }
      // Too many groups are for groups-over-channels to tell.
      if (!hasChannels(convolution) || groups > Math.min(inChannels, outChannels)) continue;
      const nearest = nearestValidGroups(groups, inChannels, outChannels);
      const suggestedGroups = closest(nearest, groups);
      if (inChannels % groups !== 0) {
        const data = { groups, inChannels, nearest };
        yield { message: "inChannels", convolution, data, suggestedGroups };
      } else if (outChannels % groups !== 0) {
        const data = { groups, outChannels, nearest };
        yield { message: "outChannels", convolution, data, suggestedGroups };
      } else if (inChannels !== weightChannels) {
        const data = { groups, weightChannels, inChannels };
        if (fitting === null) yield { message: "otherWeight", convolution, data };
        else {
          const withFitting = { ...data, fitting };
          yield {
            message: "otherGroups",
            convolution,
            data: withFitting,
            suggestedGroups: fitting,
          };
        }
      }
    }
  },
});

/** Numbers of channels that can be divided into groups at all. */
function hasChannels({ inChannels, outChannels }: Convolution): boolean {
  return (
    Math.min(inChannels, outChannels) >= 1 && Math.max(inChannels, outChannels) <= MAX_CHANNELS
  );
}

/** The groups with which the weight `[M, C/G, ...k]` takes the channels of the data; null when there are none. */
function groupsOfWeight({ op, weightShape, inChannels, outChannels }: Convolution): number | null {
  if (op === "ConvTranspose") return null; // [C, M/G, ...k] is for C channels, whatever the groups
  const groups = inChannels / weightShape[1];
  return groupsProblem(groups, inChannels, outChannels) === null ? groups : null;
}

/** Of two equally near, the smaller, which mixes more. */
function closest(candidates: readonly number[], wanted: number): number {
  const distance = (n: number) => Math.abs(n - wanted);
  return candidates.reduce((best, n) => (distance(n) < distance(best) ? n : best));
}
