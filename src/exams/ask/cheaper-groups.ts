import type { Evidence } from "../../groups/index.js";
import { defineCheck } from "../check.js";
import { roundsText, savingOf, threeDigits, timeText } from "./numbers.js";
import type { AskSection, Choice, LayerSweep, SweepSection } from "./section.js";

const timed: Evidence = {
  level: "measured",
  source: "all counts timed in turns in this run, in the layer's surroundings, docs/exams/ask.md",
};

/** Layers with groups that another count beats by more than the noise. */
export const cheaperGroups = defineCheck<AskSection>()({
  id: "cheaper-groups",
  title: "No other group count is faster",
  failureTitle: "Some layers would be faster with another group count",
  why: "Time over groups goes up and down with the kernels that the runtime has: it has to be measured.",
  seedRows: ["S15"],
  messages: {
    pack: {
      text: "groups={suggested} takes {suggestedTime} on {target} where groups={groups} takes {time}, and computes the same; {rounds}",
      advice:
        "Join every {joined} groups into one with zeros between them: {differenceMs} ms less ({differenceRange}, noise {noiseMs} ms), for {joined} times the multiply-accumulates.",
      severity: "warning",
      evidence: timed,
    },
    retrain: {
      text: "groups={suggested} takes {suggestedTime} on {target} where groups={groups} takes {time}; {rounds}",
      advice:
        "It is another layer and has to be trained; {differenceMs} ms less ({differenceRange}, noise {noiseMs} ms). Keeping groups={groups} is sound when the time does not matter.",
      severity: "info",
      evidence: timed,
    },
  },

  notApplicable: ({ sweep }) =>
    sweep.layers.some(hasGroups) ? null : "no layer with groups was timed",

  *check({ machine: { target }, sweep }) {
    for (const layer of sweep.layers.filter(hasGroups)) {
      const pack = fastest(layer, "pack");
      if (pack)
        yield {
          message: "pack",
          layer,
          data: { target, ...dataOf(sweep, layer, pack), joined: layer.groups / pack.groups },
          suggestedGroups: pack.groups,
        };
      const other = fastest(layer, "retrain");
      if (other && other.differenceMs.median < (pack?.differenceMs.median ?? 0))
        yield {
          message: "retrain",
          layer,
          data: { target, ...dataOf(sweep, layer, other) },
          suggestedGroups: other.groups,
        };
    }
  },
});

/** Nearly any count is faster than dense; what it costs is not for a clock to say. */
function hasGroups({ groups }: LayerSweep): boolean {
  return groups > 1;
}

function fastest({ choices }: LayerSweep, way: Choice["way"]): Choice | undefined {
  return choices
    .filter((choice) => choice.way === way && choice.verdict === "faster")
    .sort((a, b) => a.differenceMs.median - b.differenceMs.median)[0];
}

function dataOf(sweep: SweepSection, layer: LayerSweep, choice: Choice) {
  const { groups, ms } = layer;
  return {
    groups,
    ms: threeDigits(ms.median),
    time: timeText(sweep, layer, groups),
    suggestedTime: timeText(sweep, layer, choice.groups),
    rounds: roundsText(sweep, layer),
    suggested: choice.groups,
    suggestedMs: threeDigits(choice.ms.median),
    ...savingOf(choice),
  };
}
