export { type AskOptions, ask } from "./ask.js";
export { type ProfileSurveyedOptions, profileSurveyed } from "./profile-surveyed.js";
export type * from "./section.js";
export type { SweepProgress, SweepStore, Timings } from "./sweep.js";
export { type SweepOptions, sweepSurveyed } from "./sweep-surveyed.js";
export type { AskTools } from "./tools.js";
