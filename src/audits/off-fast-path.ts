import type { Convolution, FastPath } from "../analysis/index.js";
import type { Evidence, Target } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { findWayOut } from "./fast-path-way-out.js";
import { isSound, nameList } from "./layers.js";
import { judgingTarget } from "./other-groups.js";

const kernels: Evidence = {
  level: "runtime",
  source: "what the runtime documents or its source says of its kernels, cited in the finding",
};

/** Layers whose groups keep them off the kernels that their target is tuned for. */
export const offFastPath = defineAudit({
  id: "off-fast-path",
  title: "Groups stay on the target's fast path",
  failureTitle: "Some groups miss the target's fast path",
  why: "A layer that leaves the tuned kernels can take longer with more groups, however few operations are left.",
  seedRows: ["S12"],
  needs: ["convolutions", "target", "fastPaths"],
  messages: {
    slow: {
      text: "groups={groups} is slow on {target}: {reason}",
      advice: "{wayOut}. {level}: {source}",
      evidence: kernels,
      golden: "warning",
    },
    unsupported: {
      text: "groups={groups} does not run on {target}: {reason}",
      advice: "{wayOut}. {level}: {source}",
      evidence: kernels,
      golden: "warning",
    },
    byDefault: {
      text: "{count} of {total} layers with groups are slow on {target}: {layers}",
      advice:
        "If that is what will run it, ask for it by name (target {id}) to see what to do about each layer.",
      evidence: kernels,
      atMost: "info",
      golden: "info",
    },
  },

  notApplicable: ({ convolutions }) =>
    convolutions.some(hasGroups) ? null : "no convolution has groups",

  *check({ convolutions, target, fastPaths: { fastPaths, blockSize } }) {
    const grouped = convolutions.filter(hasGroups);
    const misses = grouped.filter((convolution) => missesPath(fastPaths.get(convolution)!));
    if (!target.given) {
      for (const [kernels, layers] of byTarget(misses, fastPaths, target.target))
        yield byDefault(layers, grouped.length, kernels);
      return;
    }
    for (const convolution of misses) {
      const fastPath = fastPaths.get(convolution)!;
      const { path, reason, evidence } = fastPath;
      const judge = judgingTarget(convolution, fastPath, target.target);
      const { text, suggestedGroups } = findWayOut(convolution, fastPath, judge, blockSize);
      yield {
        message: path === "unsupported" ? "unsupported" : "slow",
        convolution,
        data: {
          groups: convolution.groups,
          target: judge.title,
          reason,
          wayOut: text,
          ...evidence,
        },
        suggestedGroups,
      };
    }
  },
});

function hasGroups(convolution: Convolution): boolean {
  return convolution.groups > 1 && isSound(convolution);
}

function missesPath({ path, confirmed }: FastPath): boolean {
  return (path === "slow" || path === "unsupported") && confirmed !== false;
}

/** Layers by whose rules they were judged, in order. */
function byTarget(
  layers: readonly Convolution[],
  fastPaths: ReadonlyMap<Convolution, FastPath>,
  target: Target,
): ReadonlyMap<Target, readonly Convolution[]> {
  const groups = new Map<Target, Convolution[]>();
  for (const layer of layers) {
    const judge = judgingTarget(layer, fastPaths.get(layer)!, target);
    const others = groups.get(judge);
    if (others) others.push(layer);
    else groups.set(judge, [layer]);
  }
  return groups;
}

function byDefault(misses: readonly Convolution[], total: number, target: Target) {
  const names = misses.map(({ name }) => name);
  return {
    message: "byDefault",
    convolution: misses[0],
    related: names.slice(1),
    data: {
      count: misses.length,
      total,
      target: target.title,
      id: target.id,
      layers: nameList(names),
    },
  } as const;
}
