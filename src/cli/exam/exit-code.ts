import type { ExamReport } from "../../exams/index.node.js";
import { EXIT_CANNOT_RUN, EXIT_FINDINGS } from "../context.js";
import { type FailOn, type Graded, reaches } from "../severity.js";

/**
 * An examination of which nothing could be made has not run, nor one that lacks an exam it was asked for by name.
 * Without names it is made of what the model allows.
 */
export function examExitCode(
  { exams }: ExamReport,
  findings: readonly Graded[],
  { failOn, named = [] }: { failOn: FailOn; named?: readonly string[] },
): number {
  const failed = exams.filter(({ status }) => status === "failed");
  if (failed.length === exams.length || failed.some(({ id }) => named.includes(id)))
    return EXIT_CANNOT_RUN;
  return reaches(findings, failOn) ? EXIT_FINDINGS : 0;
}
