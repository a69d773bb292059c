export { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.js";
export { type DiceOptions, dice } from "./dice.js";
export { bce, l1, mse } from "./elementwise.js";
export type { Loss, TensorSpec } from "./loss.js";
export { sumOf } from "./sum-of.js";
