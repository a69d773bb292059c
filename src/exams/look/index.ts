export { type LookOptions, look } from "./look.js";
export { readMatrix } from "./matrix-picture.js";
export type * from "./section.js";
