export {
  type AskOptions,
  type AskTools,
  ask,
  type ProfileSurveyedOptions,
  profileSurveyed,
  type SweepOptions,
  sweepSurveyed,
} from "./ask.js";
export type * from "./section.js";
export type { SweepProgress, SweepStore, Timings } from "./sweep.js";
