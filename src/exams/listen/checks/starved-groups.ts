import { range } from "../../../util/math.js";
import { median } from "../../../util/statistics.js";
import { count } from "../../../util/text.js";
import { defineCheck } from "../../check.js";
import type { ListenLayer, ListenSection } from "../section.js";

/** Less than this part of an equal share, or of what the median group gets, is low. */
const LOW = 0.1;
/** Numbers of groups that a message lists. */
const MOST_LISTED = 8;

/** Groups that next to no gradient reaches. */
export const starvedGroups = defineCheck<ListenSection>()({
  id: "starved-groups",
  title: "The gradient reaches every group",
  failureTitle: "Some groups get next to no gradient",
  why: "A group that no gradient reaches does not learn: the layer has its width on paper only.",
  seedRows: ["S14"],
  messages: {
    dead: {
      text: "no gradient reaches {dead} of {groups} groups over {samples}: {list}",
      advice:
        "On these data nothing they write is used. Find what stops it behind the layer: an activation that is flat everywhere, or weights that are 0.",
      severity: "warning",
      evidence: { level: "measured", source: "this run" },
    },
    starved: {
      text: "{starved} of {groups} groups ({list}) get at most {share} of an equal share of the gradient ({shareRange}), and over {samples} at most {explained} of the median group's once the size of what they read and write is taken out",
      advice:
        "Let the groups meet in front of the layer, by a channel shuffle or a 1x1 convolution, or give it fewer groups. See with look whether the channels behind these groups are used at all.",
      severity: "info",
      evidence: {
        level: "heuristic",
        source:
          "measured in this run; that a tenth is too little is a rule of thumb, set beside three networks in docs/exams/starved-groups.md",
      },
    },
  },

  notApplicable: ({ layers }) =>
    layers.some(hasGroups) ? null : "no layer has several groups of several channels",

  *check({ layers, ...section }) {
    const samples = count(section.samples, "sample");
    for (const layer of layers.filter(hasGroups)) {
      const { groups, deadGroups: dead } = layer;
      if (dead.length > 0)
        yield {
          message: "dead",
          layer,
          data: { dead: dead.length, groups, samples, list: listed(dead) },
        };
      const starved = starvedOf(layer);
      if (starved.length === 0) continue;
      yield {
        message: "starved",
        layer,
        data: {
          starved: starved.length,
          groups,
          list: listed(starved.map(({ group }) => group)),
          share: rounded(Math.max(...starved.map(({ share }) => share))),
          shareRange: rangeText(layer, starved),
          samples,
          explained: rounded(Math.max(...starved.map(({ explained }) => explained))),
        },
      };
    }
  },
});

/** A depthwise layer's groups are channels; look tells whether those live. */
function hasGroups({ groups, channelsPerGroup }: ListenLayer): boolean {
  return groups > 1 && channelsPerGroup > 1;
}

/** What one group gets of a layer's gradient. */
interface GroupShare {
  readonly group: number;
  /** Part of an equal share of the gradient at the weight. */
  readonly share: number;
  /**
   * A weight's gradient is what its group reads times what comes back to what it writes, and what comes back
   * is small where a norm makes what is written small. Without either: the larger of gradient at the weight
   * over what is read, and gradient at the output times what is written, over the median group's.
   */
  readonly explained: number;
}

function starvedOf(layer: ListenLayer): GroupShare[] {
  return groupShares(layer).filter(({ share, explained }) => share < LOW && explained < LOW);
}

/** Of the groups that are not dead and whose data are not zero. */
export function groupShares({ groups, deadGroups, perGroup }: ListenLayer): GroupShare[] {
  const { weightShare, weightRms, readRms, outputRms, writtenRms } = perGroup;
  const alive = range(groups).filter(
    (group) => !deadGroups.includes(group) && readRms[group] > 0 && writtenRms[group] > 0,
  );
  if (weightShare === null || alive.length === 0) return [];
  const toRead = alive.map((group) => weightRms[group] / readRms[group]);
  const toWritten = alive.map((group) => outputRms[group] * writtenRms[group]);
  const [usualRead, usualWritten] = [median(toRead), median(toWritten)];
  return alive.map((group, i) => ({
    group,
    share: weightShare[group] * groups,
    explained: Math.max(toRead[i] / usualRead, toWritten[i] / usualWritten),
  }));
}

/** What these groups have in any batch: `0.02 to 0.05 in each of 3 batches`. */
function rangeText(
  { groups, weight, perGroup }: ListenLayer,
  among: readonly GroupShare[],
): string {
  const batches = weight.rmsSpread.samples;
  const { weightShareLeast: least, weightShareMost: most } = perGroup;
  if (batches < 2 || !least || !most) return count(batches, "batch", "batches");
  const low = Math.min(...among.map(({ group }) => least[group])) * groups;
  const high = Math.max(...among.map(({ group }) => most[group])) * groups;
  return `${rounded(low)} to ${rounded(high)} in each of ${batches} batches`;
}

function listed(groups: readonly number[]): string {
  const first = groups.slice(0, MOST_LISTED).join(", ");
  return groups.length > MOST_LISTED ? `${first}, ...` : first;
}

function rounded(value: number): number {
  return Number(value.toPrecision(2));
}
