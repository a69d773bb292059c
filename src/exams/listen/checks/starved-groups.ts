import { range } from "../../../util/math.js";
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
      text: "{starved} of {groups} groups ({list}) get at most {share} of an equal share of the gradient ({shareRange}), and over {samples} at most {normalised} of the median group's ({normalisedRange}) once the size of what they read and write is taken out",
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
          shareRange: shareRange(layer, starved),
          samples,
          normalised: rounded(Math.max(...starved.map(({ normalised }) => normalised))),
          normalisedRange: normalisedRange(layer, starved),
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
  /** See `GroupGradients`. */
  readonly normalised: number;
}

function starvedOf(layer: ListenLayer): GroupShare[] {
  return groupShares(layer).filter(({ share, normalised }) => share < LOW && normalised < LOW);
}

/** Of the groups that are not dead and whose data are not zero. */
export function groupShares({ groups, perGroup }: ListenLayer): GroupShare[] {
  const { weightShare, normalised } = perGroup;
  if (weightShare === null) return [];
  return range(groups).flatMap((group) => {
    const own = normalised[group];
    return own === null ? [] : [{ group, share: weightShare[group] * groups, normalised: own }];
  });
}

function shareRange(
  { groups, weight, perGroup: { weightShareLeast, weightShareMost } }: ListenLayer,
  among: readonly GroupShare[],
): string {
  const parts = (shares: readonly number[] | null) =>
    among.flatMap(({ group }) => (shares ? [shares[group] * groups] : []));
  return rangeText(weight.rmsSpread.samples, parts(weightShareLeast), parts(weightShareMost));
}

function normalisedRange(
  { weight, perGroup: { normalisedLeast, normalisedMost } }: ListenLayer,
  among: readonly GroupShare[],
): string {
  const ends = (all: readonly (number | null)[]) => among.flatMap(({ group }) => all[group] ?? []);
  return rangeText(weight.rmsSpread.samples, ends(normalisedLeast), ends(normalisedMost));
}

/** What some groups have in any batch: `0.02 to 0.05 in each of 3 batches`. */
function rangeText(batches: number, least: readonly number[], most: readonly number[]): string {
  if (batches < 2 || least.length === 0) return count(batches, "batch", "batches");
  return `${rounded(Math.min(...least))} to ${rounded(Math.max(...most))} in each of ${batches} batches`;
}

function listed(groups: readonly number[]): string {
  const first = groups.slice(0, MOST_LISTED).join(", ");
  return groups.length > MOST_LISTED ? `${first}, ...` : first;
}

function rounded(value: number): number {
  return Number(value.toPrecision(2));
}
