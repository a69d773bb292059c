export { type ChooseGroupsOptions, chooseGroups, type GroupAdvice } from "./advise.js";
export type { Candidate, Reason } from "./candidate.js";
export { type ConvCost, type ConvCostInput, convCost } from "./cost.js";
export {
  checkGroups,
  groupsProblem,
  largestValidGroups,
  MAX_CHANNELS,
  nearestValidGroups,
  validGroups,
} from "./divisibility.js";
export { type Evidence, type EvidenceLevel, type SeedRow, seedHeuristic } from "./evidence.js";
export {
  type ChannelsPerGroupOptions,
  groupsByChannelsPerGroup,
} from "./policies/channels-per-group.js";
export {
  attentionHeadGroups,
  lightweightGroups,
  ordinaryGroups,
  type SmartGroupsOptions,
  smartGroups,
} from "./policies/formulas.js";
export {
  type Channels,
  type GroupChoice,
  POLICY_NAMES,
  type PolicyName,
} from "./policies/policy.js";
export { type ProgressiveGroupsOptions, progressiveGroups } from "./policies/progressive.js";
export {
  type GroupRange,
  ROLES,
  type Role,
  type ScenePlace,
  STAGES,
  type Stage,
  sceneGroups,
  sceneRange,
  stageAt,
  TASKS,
  type Task,
} from "./policies/scene.js";
export {
  type TemplateBlock,
  type TemplateRole,
  templateBlock,
  templateGroups,
} from "./policies/template.js";
export { findTarget, TARGETS } from "./targets/registry.js";
export {
  type ChannelsPerGroupRule,
  type ConvShape,
  isDepthwise,
  type KernelPath,
  type Machine,
  type Miscomputation,
  type PathPrediction,
  type Preference,
  TARGET_IDS,
  type Target,
  type TargetId,
} from "./targets/target.js";
export {
  CHANNELS_PER_GROUP_CANDIDATES,
  DEFAULT_CHANNELS_PER_GROUP,
  groupShareLimit,
  MAX_GROUP_PERCENT,
  MAX_NECK_GROUPS,
  MIN_CHANNELS_PER_GROUP,
  PROGRESSIVE_MAX_GROUPS,
  SMART_GROUPS,
  TEMPLATE_BODY_GROUPS,
  TENSORRT_MAX_GROUPS,
} from "./thresholds.js";
export { type GroupWarmup, type GroupWarmupOptions, groupWarmup } from "./warmup.js";
