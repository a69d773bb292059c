export type { ExamId, Sections } from "./all.js";
export type * from "./ask/index.js";
export type { CheckRow, ExamFinding } from "./check.js";
export type { Step } from "./exam.js";
export type { DataSummary, ExamData, SkippedSample } from "./exam-data.js";
export { type ExamineOptions, type ExamProgress, examine } from "./examine.js";
export type * from "./look/index.js";
export type { ExamReport, ExamRow } from "./report.js";
