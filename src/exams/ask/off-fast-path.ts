import type { Evidence } from "../../groups/index.js";
import { defineCheck } from "../check.js";
import { roundsText, savingOf, threeDigits, timeText } from "./numbers.js";
import type { AskSection, Choice, LayerSweep, SweepSection } from "./section.js";

const timed: Evidence = {
  level: "measured",
  source: "all counts timed in turns in this run, in the layer's surroundings, docs/exams/ask.md",
};

/** What the clock says of layers that the audit of the same name finds off the fast path. */
export const offFastPath = defineCheck<AskSection>()({
  id: "off-fast-path",
  title: "No layer loses time by missing the fast path",
  failureTitle: "Some layers miss the fast path, and the clock was asked what that costs",
  why: "A kernel family is not a time: the fallback with few operations may beat the fast path with many.",
  seedRows: ["S12", "S15"],
  messages: {
    confirmed: {
      text: "groups={groups} misses the fast path and takes {time} on {target}; groups={suggested} is on it and takes {suggestedTime} with {joined} times the multiply-accumulates; {rounds}",
      advice:
        "Join every {joined} groups into one with zeros between them: it computes the same, in {differenceMs} ms less ({differenceRange}, noise {noiseMs} ms).",
      severity: "warning",
      evidence: timed,
    },
    refuted: {
      text: "groups={groups} misses the fast path and takes {time} on {target}; no count that computes the same on it is as fast, the best is groups={suggested} with {suggestedTime}; {rounds}",
      advice: "Keep it as it is: the operations saved outweigh the slower kernel here.",
      severity: "info",
      evidence: timed,
    },
  },

  notApplicable: ({ machine, sweep }) => {
    if (machine.target !== "ort-cpu")
      return `fast paths are known of ort-cpu, and this was timed on ${machine.target}`;
    return sweep.layers.some(isOff)
      ? null
      : "no layer with groups that was timed misses the fast path";
  },

  *check({ machine: { target }, sweep }) {
    for (const layer of sweep.layers.filter(isOff)) {
      const onPath = layer.choices.filter(({ way, path }) => way === "pack" && path === "fast");
      const [best] = onPath.sort((a, b) => a.differenceMs.median - b.differenceMs.median);
      if (!best || best.verdict === "same") continue; // nothing to hold it against, or noise
      const isConfirmed = best.verdict === "faster";
      yield {
        message: isConfirmed ? "confirmed" : "refuted",
        layer,
        data: { target, ...dataOf(sweep, layer, best) },
        suggestedGroups: isConfirmed ? best.groups : null,
      };
    }
  },
});

function isOff({ groups, path }: LayerSweep): boolean {
  return groups > 1 && path === "slow";
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
    joined: groups / choice.groups,
    ...savingOf(choice),
  };
}
