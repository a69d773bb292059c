import { UsageError } from "../util/errors.js";
import { groupsByChannelsPerGroup } from "./policies/channels-per-group.js";
import {
  attentionHeadGroups,
  lightweightGroups,
  ordinaryGroups,
  smartGroups,
} from "./policies/formulas.js";
import type { Channels, GroupChoice, PolicyName } from "./policies/policy.js";
import { progressiveGroups } from "./policies/progressive.js";
import {
  onlyTaskOf,
  type Role,
  STAGES,
  type Stage,
  sceneGroups,
  stageAt,
  type Task,
} from "./policies/scene.js";
import { TEMPLATE_ROLES, templateGroups } from "./policies/template.js";
import { DEFAULT_CHANNELS_PER_GROUP } from "./thresholds.js";

export interface PolicyOptions extends Channels {
  task?: Task;
  role?: Role;
  stage?: Stage;
  depth?: number;
  heads?: number;
  policy?: PolicyName;
  expansionGuard?: boolean;
}

/**
 * Applies the policy the options name or imply. `leastChannels` is the target's floor of channels per
 * group, for the policy that decides by them.
 *
 * @throws UsageError if the policy needs an option that is not there.
 */
export function choosePolicy(options: PolicyOptions, leastChannels: number): GroupChoice {
  const policy = options.policy ?? impliedPolicy(options);
  const { inChannels, outChannels, role, heads } = options;
  const channels = { inChannels, outChannels };
  const needs = (what: string) => new UsageError(`policy=${policy} needs ${what}`);

  switch (policy) {
    case "ordinary":
      return ordinaryGroups(channels);
    case "lightweight":
      return lightweightGroups(channels);
    case "smart":
      return smartGroups({ ...channels, expansionGuard: options.expansionGuard });
    case "attention-heads":
      if (heads === undefined) throw needs("heads");
      return attentionHeadGroups({ ...channels, heads });
    case "scene": {
      const task = options.task ?? (role && onlyTaskOf(role));
      if (task === undefined) throw needs("task");
      const { depth } = options;
      const stage = options.stage ?? (depth === undefined ? undefined : stageAt(task, depth));
      return sceneGroups({ ...channels, task, role, stage });
    }
    case "progressive": {
      const depth = depthFrom(options);
      if (depth === undefined) throw needs("stage or depth");
      return progressiveGroups({ ...channels, depth });
    }
    case "template": {
      const block = TEMPLATE_ROLES.find((name) => name === role);
      if (block === undefined) throw needs(`role to be one of ${TEMPLATE_ROLES.join(", ")}`);
      return templateGroups({ ...channels, role: block });
    }
    case "channels-per-group": {
      const channelsPerGroup = Math.max(DEFAULT_CHANNELS_PER_GROUP, leastChannels);
      return groupsByChannelsPerGroup({ ...channels, channelsPerGroup });
    }
  }
}

function impliedPolicy({ heads, task, role, stage, depth }: PolicyOptions): PolicyName {
  if (heads !== undefined) return "attention-heads";
  if (task !== undefined) return "scene";
  if (role !== undefined)
    return TEMPLATE_ROLES.some((name) => name === role) ? "template" : "scene";
  if (stage !== undefined || depth !== undefined) return "progressive";
  return "channels-per-group";
}

function depthFrom({ stage, depth }: PolicyOptions): number | undefined {
  return depth ?? (stage === undefined ? undefined : STAGES.indexOf(stage) / (STAGES.length - 1));
}
