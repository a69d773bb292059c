export type { AttentionHeads } from "./attention.js";
export type {
  ChannelParameter,
  ChannelSpace,
  ChannelSpaces,
  ChannelStretch,
} from "./channel-spaces/channel-spaces.js";
export { findChannelSpaces } from "./channel-spaces/find-channel-spaces.js";
export { type Orders, permuteChannels, permuteTensors } from "./channel-spaces/permute-channels.js";
export { constantTensor } from "./constant-tensor.js";
export { constantValues } from "./constants.js";
export type { Convolution, ConvolutionKind } from "./convolution.js";
export { elementType } from "./element-type.js";
export type { FactName, FactResult, Facts, TargetFact } from "./facts.js";
export type { FastPath } from "./fast-path.js";
export type { FastPathFacts } from "./find-fast-paths.js";
export type { HiddenGroups, HiddenGroupsFact } from "./hidden-groups.js";
export { type BoundInput, bindInputs } from "./inputs.js";
export { type Meeting, type Mixing, wayTo } from "./mixing.js";
export type { ParallelConvolutions } from "./parallel-convolutions.js";
export type { Pyramid } from "./pyramid.js";
export { isQuantised } from "./quantised.js";
export { ROLE_NAMES, type Role } from "./role.js";
export type { RoleFact, RoleOverride } from "./roles.js";
export type { SceneFact } from "./scene.js";
export { foldsIntoReaders, keepsOrder, undoes } from "./shuffle-redundancy.js";
export type { Shuffle } from "./shuffles.js";
export { Survey, type SurveyOptions, survey } from "./survey.js";
