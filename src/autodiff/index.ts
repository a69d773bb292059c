export { type GradientOptions, gradients } from "./gradients.js";
export { differentiableOps } from "./table.js";
