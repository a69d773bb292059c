import { largestValidGroups } from "../divisibility.js";
import { seedHeuristic } from "../evidence.js";
import { MIN_CHANNELS_PER_GROUP, TEMPLATE_BODY_GROUPS } from "../thresholds.js";
import type { Channels, GroupChoice } from "./policy.js";
import type { Role } from "./scene.js";

export const TEMPLATE_ROLES = ["stem", "body", "head"] as const satisfies Role[];
export type TemplateRole = (typeof TEMPLATE_ROLES)[number];

const EXPANSION: Record<TemplateRole, number> = { stem: 1, body: 4, head: 2 };

/**
 * S26, groups of the seed's block template: 1, min(4, in / 4), 1 for stem, body, head. Aligned where
 * the seed's snippet fails: at least one group (in=3), and a divisor (in=18 gives 3).
 */
export function templateGroups(options: Channels & { role: TemplateRole }): GroupChoice {
  const { role, inChannels, outChannels } = options;
  const quarter = Math.floor(inChannels / MIN_CHANNELS_PER_GROUP);
  const limit = role === "body" ? Math.min(TEMPLATE_BODY_GROUPS, quarter) : 1;
  return {
    policy: "template",
    groups: largestValidGroups(inChannels, outChannels, limit),
    reason:
      role === "body"
        ? `a body block takes the largest valid count up to min(${TEMPLATE_BODY_GROUPS}, in / ${MIN_CHANNELS_PER_GROUP})`
        : `a ${role} block mixes all its channels: groups=1`,
    evidence: seedHeuristic("section 6"),
    seedRows: ["S26", "S18"],
  };
}

/** The grouped convolution of a template block: inChannels -> hiddenChannels. */
export interface TemplateBlock extends GroupChoice {
  /** hiddenChannels / inChannels. */
  expansion: number;
  hiddenChannels: number;
}

/** S26, the seed's block template: expansion 1, 4, 2 for stem, body, head, and `templateGroups`. */
export function templateBlock(options: { role: TemplateRole; inChannels: number }): TemplateBlock {
  const { role, inChannels } = options;
  const expansion = EXPANSION[role];
  const hiddenChannels = inChannels * expansion;
  return {
    ...templateGroups({ role, inChannels, outChannels: hiddenChannels }),
    expansion,
    hiddenChannels,
  };
}
