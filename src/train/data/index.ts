export { type Augmentation, augmentAll, randomFlip, randomShift } from "./augment.js";
export type { Batch, Dataset, ExampleSpec } from "./dataset.js";
export { part, split } from "./part.js";
export { type TensorDatasetOptions, tensorDataset } from "./tensor-dataset.js";
