import type { Sections } from "./all.js";
import type { CheckRow, ExamFinding } from "./check.js";
import type { DataSummary } from "./exam-data.js";

/**
 * What the examinations of a model measured and found, as plain JSON; it stands beside a `Result`. Fields
 * are only ever added within a schema version.
 */
export interface ExamReport {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "groupconv"; readonly version: string };
  /** File name without its folder, or the graph's name. */
  readonly model: string;
  readonly data: DataSummary;
  readonly exams: readonly ExamRow[];
  /** What each exam measured, by its id; an exam that was not asked for or failed has none. */
  readonly sections: Sections;
  readonly checks: readonly CheckRow[];
  readonly findings: readonly ExamFinding[];
  readonly notes: readonly string[];
}

export interface ExamRow {
  readonly id: string;
  readonly title: string;
  readonly status: "done" | "failed";
  /** Why it failed. */
  readonly reason: string | null;
  readonly elapsedMs: number;
}
