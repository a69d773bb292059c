import type { Convolution } from "../analysis/index.js";
import { type Evidence, nearestValidGroups } from "../groups/index.js";
import { defineAudit } from "./audit.js";

/** "W: M x C/group x kH x kW", and C must be what the data has. */
const convSpecification: Evidence = {
  level: "specification",
  source: "https://onnx.ai/onnx/operators/onnx__Conv.html",
};

/** Convolutions whose groups do not divide their channels, or whose weight was made for other channels. */
export const indivisibleGroups = defineAudit({
  id: "indivisible-groups",
  title: "Groups divide the channels",
  failureTitle: "Groups do not divide the channels",
  why: "Every group takes the same number of input channels and gives the same number of output channels; a runtime stops at the first run, and ONNX's own checker does not say so.",
  seedRows: ["S18", "S22"],
  needs: ["convolutions"],
  messages: {
    notPositive: {
      text: "groups={groups} must be at least 1",
      advice: "Set groups to 1 for a dense convolution.",
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
    otherWeight: {
      text: "the data has inChannels={inChannels}, but the weight was made for {weightChannels}: {perGroup} channels per group times groups={groups}",
      advice:
        "Set groups to {fitting}, if the weight is right, or make a weight for {inChannels} channels.",
      evidence: convSpecification,
      golden: "error",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.length > 0 ? null : "the model has no convolutions",

  *check({ convolutions }) {
    for (const convolution of convolutions) {
      const { groups, inChannels, outChannels, weightInChannels } = convolution;
      if (groups < 1) {
        yield { message: "notPositive", convolution, data: { groups }, suggestedGroups: 1 };
        continue;
      }
      if (groups > Math.min(inChannels, outChannels)) continue; // groups-over-channels says it
      const nearest = nearestValidGroups(groups, inChannels, outChannels);
      const suggestedGroups = closest(nearest, groups);
      if (inChannels % groups !== 0)
        yield {
          message: "inChannels",
          convolution,
          data: { groups, inChannels, nearest },
          suggestedGroups,
        };
      else if (outChannels % groups !== 0)
        yield {
          message: "outChannels",
          convolution,
          data: { groups, outChannels, nearest },
          suggestedGroups,
        };
      else if (inChannels !== weightInChannels) yield otherWeight(convolution);
    }
  },
});

function otherWeight(convolution: Convolution) {
  const { groups, inChannels, outChannels, weightInChannels } = convolution;
  const perGroup = weightInChannels / groups;
  const exact = inChannels / perGroup;
  const fits = Number.isInteger(exact) && outChannels % exact === 0;
  const data = {
    groups,
    inChannels,
    weightChannels: weightInChannels,
    perGroup,
    fitting: fits ? exact : "another number",
  };
  return {
    message: "otherWeight",
    convolution,
    data,
    suggestedGroups: fits ? exact : null,
  } as const;
}

function closest(candidates: readonly number[], wanted: number): number {
  const distance = (n: number) => Math.abs(n - wanted);
  return candidates.reduce((best, n) => (distance(n) < distance(best) ? n : best));
}
