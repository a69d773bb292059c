import { defineCheck } from "../../check.js";
import type { LookSection } from "../section.js";
import { handedOn, rounded } from "./layer-view.js";

/** Across groups no more correlation than this many times what unrelated channels show. */
const NULL_FACTOR = 1.5;
/** Within groups at least this many times, so that there is something to compare with. */
const SIGNAL_FACTOR = 3;
/** Across groups less than this share of what there is within. */
const LOW_SHARE = 0.5;

/** Groups whose channels go together, and not with those of other groups (S1). */
export const isolatedGroups = defineCheck<LookSection>()({
  id: "isolated-groups",
  title: "Groups have to do with each other",
  failureTitle: "Some groups have little to do with each other",
  why: "Groups that share nothing are separate networks side by side, each with a part of the width.",
  seedRows: ["S1", "S13"],
  messages: {
    unrelated: {
      text: "in what the next layer gets, mean |r| is {within} (standard deviation {sdWithin}) within its {groups} groups and {across} ({sdAcross}) across them over {observations} observations, where unrelated channels show {floor} ({sdFloor})",
      advice: "Let the groups meet: a channel shuffle or a 1x1 convolution behind the layer.",
      severity: "warning",
      evidence: {
        level: "measured",
        source:
          "this run; that a network is better for mixing its groups: ShuffleNet, table 3, https://arxiv.org/abs/1707.01083",
      },
    },
    distant: {
      text: "in what the next layer gets, mean |r| is {within} (standard deviation {sdWithin}) within its {groups} groups and {across} ({sdAcross}) across them over {observations} observations, under half of it",
      advice: "See with the audit unmixed-groups whether the groups meet again, and where.",
      severity: "info",
      evidence: {
        level: "measured",
        source: "this run; that half is too little is a rule of thumb",
      },
    },
  },

  notApplicable: ({ layers }) =>
    layers.some((layer) => handedOn(layer).withinGroupsAbsR !== null && layer.groups > 1)
      ? null
      : "no layer that was looked at has several groups of several channels",

  *check({ layers }) {
    for (const layer of layers) {
      const seen = handedOn(layer);
      const { withinGroupsAbsR: within, acrossGroupsAbsR: across, nullAbsR: floor } = seen;
      if (layer.groups <= 1 || within === null || across === null || floor === null) continue;
      const data = {
        groups: layer.groups,
        within: rounded(within),
        sdWithin: rounded(seen.sdWithinGroupsAbsR!),
        across: rounded(across),
        sdAcross: rounded(seen.sdAcrossGroupsAbsR!),
        floor: rounded(floor),
        sdFloor: rounded(seen.sdNullAbsR!),
        observations: seen.observations,
      };
      if (across <= NULL_FACTOR * floor && within >= SIGNAL_FACTOR * floor)
        yield { message: "unrelated", layer, data };
      else if (across < LOW_SHARE * within && within >= SIGNAL_FACTOR * floor)
        yield { message: "distant", layer, data };
    }
  },
});
