import { type Meeting, type Mixing, wayTo } from "../analysis/index.js";
import type { Evidence } from "../groups/index.js";
import { defineAudit } from "./audit.js";

const perChannel: Evidence = {
  level: "disputed",
  source:
    "seed text, section 3; against it: batch norm keeps statistics a channel, which no grouping enters, and ResNeXt, ShuffleNet and MobileNet put it behind every grouped convolution, https://arxiv.org/abs/1611.05431",
};

/** Grouped convolution, batch norm, then pooling or output with no mixing: the third deadly combination. */
export const unmixedBeforeNorm = defineAudit({
  id: "unmixed-before-norm",
  title: "Groups meet between batch norm and the end",
  failureTitle: "Groups go through batch norm to the end unmixed",
  why: "The seed holds that the norm's statistics are distorted; they are a channel's own, so what remains is that the groups never met.",
  seedRows: ["S6"],
  needs: ["convolutions", "mixing"],
  messages: {
    unmixed: {
      text: "{groups} groups go through the batch norm {norm} to {end} in {parts} parts that have not met",
      advice: "Put a 1x1 convolution behind {norm}: y = x + conv1x1(x) keeps what was learned.",
      evidence: perChannel,
      golden: "error",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.some(({ groups }) => groups > 1) ? null : "no convolution has groups",

  *check({ convolutions, mixing }) {
    for (const convolution of convolutions) {
      const fate = mixing.get(convolution)!;
      if (fate.status === "unknown") continue;
      const end = endsOf(fate).find(({ norm }) => norm !== undefined);
      if (!end?.norm) continue;
      const data = {
        groups: convolution.groups,
        norm: end.norm.node.label,
        end: end.name,
        parts: end.parts,
      };
      yield { message: "unmixed", convolution, data };
    }
  },
});

interface End {
  readonly name: string;
  readonly parts: number;
  /** The last batch norm on the way; undefined when there is none, or another grouped layer is. */
  readonly norm: Meeting | undefined;
}

/** Where the groups arrive apart: poolings and outputs. */
function endsOf({ poolings, outputs }: Mixing): End[] {
  const normBefore = (last: Meeting | null) => {
    const way = wayTo(last);
    return way.some(({ kind }) => kind === "groupedConv")
      ? undefined
      : way.findLast(({ kind }) => kind === "norm");
  };
  return [
    ...poolings.map(({ node, partsBefore, previous }) => ({
      name: `the global pooling ${node.label}`,
      parts: partsBefore,
      norm: normBefore(previous),
    })),
    ...outputs.map(({ value, parts, previous }) => ({
      name: `the output ${value.name}`,
      parts,
      norm: normBefore(previous),
    })),
  ];
}
