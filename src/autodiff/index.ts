export { endsGradient, type GradientOptions, gradients, missingRule } from "./gradients.js";
export { differentiableOps } from "./table.js";
