import type { Convolution, Mixing } from "../analysis/index.js";
import type { Evidence } from "../groups/index.js";
import { defineAudit } from "./audit.js";

/** ShuffleNet's Table 3: the same network without its shuffles loses 1.9 to 5.8 points of accuracy. */
const shuffleNet: Evidence = { level: "published", source: "https://arxiv.org/abs/1707.01083" };
const seed: Evidence = { level: "heuristic", source: "seed text, section 1" };

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
      text: "{groups} groups reach the output {output} in {parts} parts that never meet",
      advice: "Put a 1x1 convolution or a channel shuffle behind it.",
      evidence: shuffleNet,
      golden: "error",
    },
    lost: {
      text: "{groups} groups end in {parts} parts that never meet",
      advice: "Put a 1x1 convolution or a channel shuffle behind it.",
      evidence: shuffleNet,
      golden: "error",
    },
    gainOnly: {
      text: "{groups} groups meet only in the factors of {gate}, never in content",
      advice: "A gate rescales channels and mixes none; put a 1x1 convolution behind it.",
      evidence: seed,
      golden: "warning",
    },
    longRun: {
      text: "{run} grouped layers in a row keep its {groups} groups apart: {layers}; they meet first at {mixer}",
      advice: "Put a channel shuffle or a 1x1 convolution between them.",
      evidence: shuffleNet,
      golden: "error",
    },
    delayed: {
      text: "{second} keeps its {groups} groups apart too; they meet first at {mixer}",
      advice: "A channel shuffle between the two lets the second one mix.",
      evidence: seed,
      golden: "warning",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.some(({ groups }) => groups > 1) ? null : "no convolution has groups",

  *check({ convolutions, mixing }) {
    const byNode = new Map(convolutions.map((convolution) => [convolution.node, convolution]));
    for (const convolution of convolutions) {
      const fate = mixing.get(convolution)!;
      const { groups } = convolution;
      if (fate.status === "separate") {
        const [output] = fate.outputs;
        const data = { groups, parts: fate.separateParts };
        if (output)
          yield { message: "isolated", convolution, data: { ...data, output: output.value.name } };
        else yield { message: "lost", convolution, data };
      } else if (fate.status === "gain") {
        yield { message: "gainOnly", convolution, data: { groups, gate: fate.mixedBy!.label } };
      } else if (fate.status === "mixed" && convolution.kind === "grouped") {
        const layers = alignedRun(convolution, fate, byNode);
        const mixer = fate.mixedBy!.label;
        if (layers.length >= LONGEST_RUN) {
          const names = [convolution.name, ...layers].join(", ");
          const data = { run: layers.length + 1, groups, layers: names, mixer };
          yield { message: "longRun", convolution, related: layers, data };
        } else if (layers.length > 0) {
          const data = { second: layers[0], groups, mixer };
          yield { message: "delayed", convolution, related: layers, data };
        }
      }
    }
  },
});

/** The next grouped layers, depthwise ones aside, that keep all of these groups apart. */
function alignedRun(
  { groups }: Convolution,
  fate: Mixing,
  byNode: ReadonlyMap<Convolution["node"], Convolution>,
): string[] {
  const layers: string[] = [];
  for (const { node, partsBefore, partsAfter } of fate.groupedConvs) {
    if (partsBefore !== groups || partsAfter !== groups) break;
    const next = byNode.get(node);
    if (next?.kind === "grouped") layers.push(next.name);
  }
  return layers;
}
