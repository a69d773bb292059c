import { type Convolution, type Meeting, type Mixing, wayTo } from "../analysis/index.js";
import { type Evidence, seedHeuristic } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { nameList } from "./layers.js";
import { withoutShuffles } from "./sources.js";

const enlarging: Evidence = {
  level: "disputed",
  source:
    "seed text, section 1; against it: fully convolutional networks end in a depthwise transposed convolution that enlarges class scores, https://arxiv.org/abs/1411.4038",
};
const acrossUnits: Evidence = {
  level: "disputed",
  source:
    "seed text, section 1; against it: in ShuffleNet the last layer of a unit and the first of the next cut the same groups, https://arxiv.org/abs/1707.01083",
};

/** Published networks put two layers of one partition in a row and mix after them; none puts three. */
const LONGEST_RUN = 2;

/** Grouped convolutions whose groups never exchange information, or do so too late. */
export const unmixedGroups = defineAudit({
  id: "unmixed-groups",
  title: "Groups exchange channels",
  failureTitle: "Some groups never exchange channels",
  why: "G groups with nothing between them are G separate networks, each with 1/G of the channels.",
  seedRows: ["S1"],
  needs: ["convolutions", "mixing"],
  messages: {
    isolated: {
      text: "{groups} groups reach the output {output} in {parts} parts that have not met",
      advice: "Put a 1x1 convolution or a channel shuffle behind the layer.",
      evidence: withoutShuffles,
      golden: "error",
    },
    enlarged: {
      text: "{groups} channels are enlarged one by one and reach the output {output} in {parts} parts that have not met",
      advice:
        "Nothing to do where each channel is a result of its own; else put a 1x1 convolution behind the layer.",
      evidence: enlarging,
      golden: "warning",
    },
    lost: {
      text: "no output has all {groups} groups: they end in {parts} parts that never meet",
      advice: "Put a 1x1 convolution or a channel shuffle behind the layer.",
      evidence: withoutShuffles,
      golden: "error",
    },
    gainOnly: {
      text: "{groups} groups meet only in the factors or statistics of {gate}, never in content",
      advice: "A gate or a norm rescales channels and mixes none; put a 1x1 convolution behind it.",
      evidence: seedHeuristic("section 1"),
      golden: "warning",
    },
    longRun: {
      text: "{run} grouped layers in a row keep {groups} groups apart: {layers}; they meet first at {mixer}",
      advice: "Put a channel shuffle or a 1x1 convolution between them.",
      evidence: withoutShuffles,
      golden: "error",
    },
    delayed: {
      text: "{second} keeps the {groups} groups apart too; they meet first at {mixer}",
      advice: "A channel shuffle between the two lets the second one mix.",
      evidence: seedHeuristic("section 1"),
      golden: "warning",
    },
    delayedJoined: {
      text: "{second} keeps the {groups} groups apart too, behind a connection that joins them; they meet first at {mixer}",
      advice:
        "A channel shuffle between the two lets the second one mix; measure whether it helps.",
      evidence: acrossUnits,
      golden: "warning",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.some(({ groups }) => groups > 1) ? null : "no convolution has groups",

  *check({ convolutions, mixing }) {
    const byNode = new Map(convolutions.map((convolution) => [convolution.node, convolution]));
    const told = new Set<Convolution>(); // a run is told once, where it begins
    for (const convolution of convolutions) {
      const {
        status,
        outputs,
        separateParts: parts,
        mixedBy,
        groupedConvs,
      } = mixing.get(convolution)!;
      const { groups, kind } = convolution;
      if (status === "separate") {
        if (outputs.length === 0) {
          yield { message: "lost", convolution, data: { groups, parts } };
          continue;
        }
        const data = { groups, parts, output: outputs[0].value.name };
        const message = isEnlarging(convolution) ? "enlarged" : "isolated";
        yield { message, convolution, data };
      } else if (status === "gain") {
        yield { message: "gainOnly", convolution, data: { groups, gate: mixedBy!.label } };
      } else if (status === "mixed" && kind === "grouped" && !told.has(convolution)) {
        const run = longestRun(groups, groupedConvs, byNode);
        if (run.length === 0) continue;
        for (const { layer } of run) told.add(layer);
        const related = run.map(({ layer }) => layer.name);
        const mixer = mixedBy!.label;
        if (run.length >= LONGEST_RUN) {
          const layers = nameList([convolution.name, ...related]);
          const data = { run: run.length + 1, groups, layers, mixer };
          yield { message: "longRun", convolution, related, data };
        } else {
          const message = run[0].meeting.joined ? "delayedJoined" : "delayed";
          yield { message, convolution, related, data: { second: related[0], groups, mixer } };
        }
      }
    }
  },
});

/** Makes each channel larger, on its own, as a resize does. */
function isEnlarging({ op, kind, inChannels, outChannels, strides }: Convolution): boolean {
  return (
    op === "ConvTranspose" &&
    kind === "depthwise" &&
    inChannels === outChannels &&
    strides.some((stride) => stride > 1)
  );
}

interface Aligned {
  readonly meeting: Meeting;
  readonly layer: Convolution;
}

/** The most grouped layers in a row, depthwise ones aside, that keep all of these groups apart. */
function longestRun(
  groups: number,
  meetings: Mixing["groupedConvs"],
  byNode: ReadonlyMap<Convolution["node"], Convolution>,
): Aligned[] {
  const aligned = new Map<Meeting, Convolution>();
  for (const meeting of meetings) {
    const layer = byNode.get(meeting.node);
    const keepsAll = meeting.partsBefore === groups && meeting.partsAfter === groups;
    if (keepsAll && layer?.kind === "grouped") aligned.set(meeting, layer);
  }
  // Meetings come in order, so what is before one is counted before it.
  const lengths = new Map<Meeting, number>();
  let last: Meeting | null = null;
  for (const meeting of aligned.keys()) {
    let before = meeting.previous;
    while (before && !aligned.has(before)) before = before.previous;
    const length = (before ? lengths.get(before)! : 0) + 1;
    lengths.set(meeting, length);
    if (!last || length > lengths.get(last)!) last = meeting;
  }
  return wayTo(last).flatMap((meeting) => {
    const layer = aligned.get(meeting);
    return layer ? [{ meeting, layer }] : [];
  });
}
