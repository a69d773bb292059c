import type { Convolution } from "../analysis/index.js";
import { isOp, type Node } from "../graph/index.js";
import { type Evidence, sceneRange, seedHeuristic } from "../groups/index.js";
import { isConvolution } from "../ops/index.js";
import { defineAudit } from "./audit.js";
import { isSound } from "./layers.js";

const towers: Evidence = {
  level: "disputed",
  source:
    "seed text, section 4; against it: the class branch of YOLO11 is depthwise 3x3 and 1x1 in turn " +
    "(ultralytics, nn/modules/head.py, Detect)",
};

/** S9: what the seed leaves a head. It is the same for every task. */
const { max: allowed } = sceneRange({ task: "detection", role: "head" });

/** Groups in what predicts: the last convolution, and the ones that lead to it. */
export const groupedHead = defineAudit({
  id: "grouped-head",
  title: "Heads mix all their channels",
  failureTitle: "Some heads have groups",
  why: "A prediction made from one group sees only 1/G of what the network knows about the place.",
  seedRows: ["S9"],
  needs: ["convolutions", "roles"],
  messages: {
    predictor: {
      text: "groups={groups} in the last layer of a head: each output sees {channelsPerGroup} of its {inChannels} channels",
      advice:
        "Make the last layer dense, groups={allowed}; groups in the layers before it do less harm.",
      evidence: seedHeuristic("section 4"),
      golden: "error",
    },
    tower: {
      text: "groups={groups} in a head, before its last layer: each output sees {channelsPerGroup} of {inChannels} channels",
      advice:
        "See that a dense 1x1 convolution follows; the seed asks for groups={allowed} in all of a head.",
      evidence: towers,
      golden: "warning",
    },
  },

  notApplicable: ({ roles }) =>
    [...roles.values()].some(({ role }) => role === "head")
      ? null
      : "no convolution is in a prediction head",

  *check({ convolutions, roles }) {
    const last = lastLayers(convolutions);
    for (const convolution of convolutions) {
      const { groups, inChannels, channelsPerGroup, node } = convolution;
      if (roles.get(convolution)!.role !== "head" || groups <= allowed) continue;
      if (!isSound(convolution)) continue;
      yield {
        message: last.has(node) ? "predictor" : "tower",
        convolution,
        data: { groups, inChannels, channelsPerGroup, allowed },
        suggestedGroups: allowed,
      };
    }
  },
});

/** The layers with weights that outputs are made of without another such layer in between. */
function lastLayers(convolutions: readonly Convolution[]): ReadonlySet<Node> {
  const graphs = new Set(convolutions.map(({ node }) => node.graph));
  const layers = new Set<Node>();
  const seen = new Set<Node>();
  const pending = [...graphs].flatMap((graph) => graph.outputs.map(({ producer }) => producer));
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!node || seen.has(node)) continue;
    seen.add(node);
    if (isConvolution(node) || isOp(node, "Gemm", "MatMul")) layers.add(node);
    else pending.push(...node.inputs.map((input) => input?.producer ?? null));
  }
  return layers;
}
