import type { ExamReport } from "../../exams/report.js";
import { parseChecked } from "../json.js";

/**
 * An exams' report read back from JSON text, checked field by field.
 *
 * @throws FormatError if the text is no JSON, or breaks `examReportSchema`; it names the fields.
 */
export async function parseExamReport(json: string): Promise<ExamReport> {
  const { examReportSchema } = await import("./schema.js"); // heavy, and writing needs none of it
  return parseChecked("exam report", json, examReportSchema);
}
