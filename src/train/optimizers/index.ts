export { type AdamWOptions, adamw } from "./adamw.js";
export type { Optimizer } from "./optimizer.js";
export { type SgdOptions, sgd } from "./sgd.js";
