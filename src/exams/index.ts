export type { ExamId, Sections } from "./all.js";
export type * from "./ask/index.js";
export type { CheckRow, ExamFinding } from "./check.js";
export type { Step } from "./exam.js";
export {
  type Column,
  type ColumnsOptions,
  type DataSummary,
  dataFromColumns,
  type ExamData,
  type SkippedSample,
} from "./exam-data.js";
export { type ExamineOptions, type ExamProgress, examine } from "./examine.js";
export { type ImagePreset, type ImagePresetName, imagePresets } from "./image-preset.js";
export type * from "./listen/index.js";
export * from "./look/index.js";
export { byInput, type ModelInput, modelInputs } from "./model-input.js";
export type * from "./pulse/index.js";
export type { ExamReport, ExamRow } from "./report.js";
export { keptWithin, roomWithin } from "./room.js";
export { type SyntheticDataOptions, syntheticData } from "./synthetic-data.js";
export { onlyInput, type TensorDataOptions, tensorColumn, tensorData } from "./tensor-data.js";
