import type { Convolution, RoleFact } from "../analysis/index.js";
import { type Evidence, largestValidGroups, validGroups } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { isGrouped } from "./layers.js";

/** Group counts that grow with depth are found where channels per group are kept, not sought for themselves. */
const progressive: Evidence = {
  level: "heuristic",
  source:
    "seed text, section 6; for it: RegNet's group counts grow with depth, https://arxiv.org/abs/2003.13678; " +
    "against it: gconv-prune takes fewer with depth, https://arxiv.org/abs/1811.09341",
};
const mirrored: Evidence = {
  level: "heuristic",
  source:
    "seed text, section 4; no published network or ablation found that speaks for or against it",
};

/** Group counts that fall on the way down, or rise on the way up. Dense and depthwise layers aside. */
export const fallingGroups = defineAudit({
  id: "falling-groups",
  title: "Group counts grow with depth",
  failureTitle: "Group counts fall with depth somewhere",
  why: "Early layers have few channels, and details that need each other; late ones have channels to spare.",
  seedRows: ["S24", "S8", "S10"],
  needs: ["convolutions", "roles"],
  messages: {
    falling: {
      text: "groups fall from {before} in {earlier} to {after} in {later}, a deeper stage",
      advice:
        "If both are free to choose, give the deeper stage at least as many groups as the one before it.",
      evidence: progressive,
      golden: "warning",
    },
    rising: {
      text: "groups rise from {before} in {earlier} to {after} in {later}, a finer stage of the decoder",
      advice:
        "If both are free to choose, give the finer stage of a decoder at most as many groups as the coarser one.",
      evidence: mirrored,
      golden: "warning",
    },
  },

  notApplicable({ convolutions, roles }) {
    const ways = [wayDown, wayUp].map((way) => stagesOf(convolutions, roles, way));
    return ways.some((stages) => stages.length > 1)
      ? null
      : "no two stages have groups of several channels";
  },

  *check({ convolutions, roles }) {
    const down = stagesOf(convolutions, roles, wayDown);
    for (const [i, stage] of down.slice(1).entries()) {
      const step = stepBetween(down[i], stage);
      const { convolution, data } = step;
      if (data.after >= data.before) continue;
      const { inChannels, outChannels } = convolution;
      const more = validGroups(inChannels, outChannels).find((count) => count >= data.before);
      const suggestedGroups = more === undefined || more === inChannels ? null : more;
      yield { message: "falling", ...step, suggestedGroups };
    }
    const up = stagesOf(convolutions, roles, wayUp).reverse();
    for (const [i, stage] of up.slice(1).entries()) {
      const step = stepBetween(up[i], stage);
      const { convolution, data } = step;
      if (data.after <= data.before) continue;
      const { inChannels, outChannels } = convolution;
      const suggestedGroups = largestValidGroups(inChannels, outChannels, data.before);
      yield { message: "rising", ...step, suggestedGroups };
    }
  },
});

const wayDown: readonly RoleFact["role"][] = ["body", "encoder"];
const wayUp: readonly RoleFact["role"][] = ["decoder"];

/** For each stage with grouped layers, finest first, the first of those that have the most groups there. */
function stagesOf(
  convolutions: readonly Convolution[],
  roles: ReadonlyMap<Convolution, RoleFact>,
  way: readonly RoleFact["role"][],
): Convolution[] {
  const stages: Convolution[] = [];
  for (const convolution of convolutions) {
    const { role, stage } = roles.get(convolution)!;
    if (!isGrouped(convolution) || !way.includes(role)) continue;
    if (convolution.groups > (stages[stage]?.groups ?? 0)) stages[stage] = convolution;
  }
  return stages.filter((stage) => stage !== undefined);
}

function stepBetween(earlier: Convolution, convolution: Convolution) {
  const data = {
    earlier: earlier.name,
    before: earlier.groups,
    later: convolution.name,
    after: convolution.groups,
  };
  return { convolution, related: [earlier.name], data };
}
