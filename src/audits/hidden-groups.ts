import type { HiddenGroups } from "../analysis/index.js";
import type { Evidence } from "../groups/index.js";
import { count } from "../util/text.js";
import { defineAudit } from "./audit.js";
import { nameList } from "./layers.js";
import { judgingTarget, predictWithGroups } from "./other-groups.js";

const zeros: Evidence = {
  level: "measured",
  source: "the weights of this model, every element read; zero means exactly zero",
};

/** What the attribute means: group i reads block i of the channels and writes block i. */
const definition: Evidence = {
  level: "specification",
  source: "https://onnx.ai/onnx/operators/onnx__Conv.html (group)",
};

/** Groups that a network has without saying so, and pays for. */
export const hiddenGroups = defineAudit({
  id: "hidden-groups",
  title: "Layers say the groups they have",
  failureTitle: "Some layers have groups that they do not say",
  why: "A runtime multiplies zeros like any other number, and starts every convolution of a row by itself.",
  seedRows: [],
  needs: ["convolutions", "hiddenGroups", "fastPaths", "target"],
  messages: {
    blockDiagonal: {
      text: "groups={groups}, but all weight that is not zero lies in {hidden} blocks: groups={hidden} ({perGroup} per group) computes the same and saves {saved}",
      advice: "Keep the blocks alone and set groups={hidden}; measure before keeping it.",
      evidence: zeros,
    },
    permuted: {
      text: "groups={groups}, but all weight that is not zero lies in {hidden} blocks once its channels are put in another order: groups={hidden} ({perGroup} per group) saves {saved}",
      advice:
        "Put that order into the layers before and behind it, then set groups={hidden}; as the channels stand, groups={natural} computes the same.",
      evidence: zeros,
    },
    packed: {
      text: "groups={groups} holds {hidden} groups packed with zeros; {target} runs groups={hidden} slowly: {reason}",
      advice: "Leave it as it is unless groups={hidden} measures faster.",
      evidence: zeros,
      atMost: "info",
    },
    parallel: {
      text: "{count} convolutions beside each other ({layers}) are one with groups={hidden} ({perGroup} per group), taken apart before them and joined by {concat}",
      advice:
        "Put their weights after each other into one convolution with groups={hidden}; measure before keeping it.",
      evidence: definition,
      atMost: "warning",
    },
  },

  notApplicable: ({ convolutions, hiddenGroups: { skipped } }) => {
    if (convolutions.length === 0) return "there is no convolution";
    if (skipped.length < convolutions.length) return null;
    return `no weight could be read: ${skipped[0].reason}`;
  },

  *check({
    hiddenGroups: { layers, parallel },
    fastPaths: { fastPaths, blockSize },
    target: { target },
  }) {
    for (const layer of layers) {
      const { convolution, groups: hidden, naturalGroups: natural, orders } = layer;
      const { groups } = convolution;
      const data = {
        groups,
        hidden,
        perGroup: count(convolution.inChannels / hidden, "channel"),
        saved: savedBy(layer),
      };
      const fastPath = fastPaths.get(convolution)!;
      const judge = judgingTarget(convolution, fastPath, target);
      const { path, reason } = predictWithGroups(convolution, hidden, judge, blockSize);
      const isFast = fastPath.path === "fast";
      // A dense layer that could have groups does so much too much that no kernel makes up for it.
      if (groups > 1 && isFast && path === "slow") {
        const data = { groups, hidden, target: judge.title, reason };
        yield { message: "packed", convolution, data };
      } else if (orders === null) {
        yield { message: "blockDiagonal", convolution, data, suggestedGroups: hidden };
      } else {
        const more = { ...data, natural };
        yield { message: "permuted", convolution, data: more, suggestedGroups: hidden };
      }
    }
    for (const { convolutions, concat, groups } of parallel) {
      const names = convolutions.map(({ name }) => name);
      const [convolution] = convolutions;
      const data = {
        count: names.length,
        layers: nameList(names),
        hidden: groups,
        perGroup: count(convolution.channelsPerGroup, "channel"),
        concat: concat.label,
      };
      const related = names.slice(1);
      yield { message: "parallel", convolution, related, data, suggestedGroups: groups };
    }
  },
});

function savedBy({ convolution: { macs, groups }, groups: hidden }: HiddenGroups): string {
  const percent = Number((100 * (1 - groups / hidden)).toFixed(1));
  const all = macs === null ? "" : `${macs} `;
  return `${percent} % of its ${all}multiply-accumulates`;
}
