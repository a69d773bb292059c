import type { ExamReport } from "../../exams/index.node.js";
import { EXIT_CANNOT_RUN, EXIT_FINDINGS } from "../context.js";
import { type FailOn, type Graded, reaches } from "../severity.js";

/** An examination of which nothing could be made has not run. */
export function examExitCode(
  { exams }: ExamReport,
  findings: readonly Graded[],
  failOn: FailOn,
): number {
  if (exams.every(({ status }) => status === "failed")) return EXIT_CANNOT_RUN;
  return reaches(findings, failOn) ? EXIT_FINDINGS : 0;
}
