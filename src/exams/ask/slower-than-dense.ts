import type { Evidence } from "../../groups/index.js";
import { defineCheck } from "../check.js";
import { roundsText, savingOf, threeDigits, timeText } from "./numbers.js";
import type { AskSection, LayerSweep, SweepSection } from "./section.js";

const timed: Evidence = {
  level: "measured",
  source: "both counts timed in turns in this run, in the layer's surroundings, docs/exams/ask.md",
};

const TEXT =
  "groups={groups} takes {time} on {target}, dense {denseTime}: counting operations promises {promised} times the speed, the clock says {measured} times ({measuredRange}); {rounds}";

/** Layers whose groups take longer than the same layer without them. */
export const slowerThanDense = defineCheck<AskSection>()({
  id: "slower-than-dense",
  title: "No layer is slower than it would be without groups",
  failureTitle: "Some layers are slower than they would be without groups",
  why: "Groups are taken to save time; here they save operations, and the kernels that are left take longer.",
  seedRows: ["S15"],
  messages: {
    slower: {
      text: TEXT,
      advice:
        "Without groups it is faster by {differenceMs} ms ({differenceRange}, noise {noiseMs} ms), and computes the same with zeros in its weight. {best}",
      severity: "warning",
      evidence: timed,
    },
    slowerComputed: {
      text: TEXT,
      advice:
        "Without groups it is faster by {differenceMs} ms ({differenceRange}, noise {noiseMs} ms). Its weight is computed: what computes it would have to write zeros between the groups, or it is another layer and has to be trained.",
      severity: "info",
      evidence: timed,
    },
  },

  notApplicable: ({ sweep }) =>
    sweep.layers.some(hasGroups) ? null : "no layer with groups was timed",

  *check({ machine: { target }, sweep }) {
    for (const layer of sweep.layers.filter(hasGroups)) {
      const dense = layer.choices.find(({ groups }) => groups === 1);
      if (dense?.verdict !== "faster") continue;
      const data = {
        target,
        groups: layer.groups,
        ms: threeDigits(layer.ms.median),
        time: timeText(sweep, layer, layer.groups),
        denseMs: threeDigits(dense.ms.median),
        denseTime: timeText(sweep, layer, 1),
        promised: layer.groups,
        measured: threeDigits(dense.ms.median / layer.ms.median),
        measuredRange: speedRange(sweep, layer),
        rounds: roundsText(sweep, layer),
        ...savingOf(dense),
      };
      if (dense.way === "pack")
        yield {
          message: "slower",
          layer,
          data: { ...data, best: bestText(sweep, layer) },
          suggestedGroups: fastestPack(layer)?.groups ?? 1,
        };
      else yield { message: "slowerComputed", layer, data, suggestedGroups: 1 };
    }
  },
});

function hasGroups({ groups }: LayerSweep): boolean {
  return groups > 1;
}

function fastestPack({ choices }: LayerSweep) {
  return choices
    .filter(({ way, verdict }) => way === "pack" && verdict === "faster")
    .sort((a, b) => a.differenceMs.median - b.differenceMs.median)[0];
}

/** Quartiles of the speed beside dense, round by round. */
function speedRange({ configurations }: SweepSection, layer: LayerSweep): string {
  const { counts } = configurations[layer.configuration];
  const { low, high } = counts.find(({ groups }) => groups === layer.groups)!.measuredSpread;
  return `${threeDigits(low)} to ${threeDigits(high)}`;
}

function bestText(sweep: SweepSection, layer: LayerSweep): string {
  const best = fastestPack(layer);
  return best && best.groups > 1
    ? `Of the counts that compute the same groups=${best.groups} is the fastest, ${timeText(sweep, layer, best.groups)}.`
    : "No other count that computes the same is faster.";
}
