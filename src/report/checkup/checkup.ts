import type { Result, Severity } from "../../audits/result.js";
import type { ExamReport } from "../../exams/report.js";
import { bySeverity } from "../digest.js";

/**
 * The audits of a model and its exams in one document, as plain JSON. Fields are only ever added within a
 * schema version; the two parts have versions of their own.
 */
export interface Checkup {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "groupconv"; readonly version: string };
  /** As the audit calls it. */
  readonly model: string;
  /** What the structure says. */
  readonly audit: Result;
  /** What running it on data says. */
  readonly exam: ExamReport;
}

export function checkupOf(audit: Result, exam: ExamReport): Checkup {
  return { schemaVersion: 1, tool: audit.tool, model: audit.model.name, audit, exam };
}

/** Findings of both parts, worst first. */
export function findingsOf({ audit, exam }: Checkup): readonly { readonly severity: Severity }[] {
  return [...audit.findings, ...exam.findings].sort(bySeverity);
}
