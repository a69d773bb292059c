export { type PulseOptions, pulse } from "./pulse.js";
export type * from "./section.js";
