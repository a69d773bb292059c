export { type LookOptions, look } from "./look.js";
export type * from "./section.js";
