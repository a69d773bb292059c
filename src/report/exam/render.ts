import type { ExamReport } from "../../exams/report.js";
import type { TerminalOptions } from "../terminal-text.js";
import { type ExamMarkdownOptions, renderExamMarkdown } from "./markdown.js";
import { renderExamTerminal } from "./terminal.js";

export const EXAM_FORMATS = ["terminal", "json", "markdown", "html"] as const;
export type ExamFormat = (typeof EXAM_FORMATS)[number];

/** What any format understands; each takes what is its own. `colors` defaults to false, `width` to 80. */
export type ExamRenderOptions = Partial<TerminalOptions> & ExamMarkdownOptions;

/** An exams' report in one of the formats, as text that ends in a newline. */
export async function renderExam(
  report: ExamReport,
  format: ExamFormat,
  options: ExamRenderOptions = {},
): Promise<string> {
  const { colors = false, width = 80, verbose } = options;
  switch (format) {
    case "terminal":
      return renderExamTerminal(report, { colors, width, verbose });
    case "markdown":
      return renderExamMarkdown(report, { verbose });
    case "html":
      return (await import("./html/page.js")).renderExamHtml(report); // charts are heavy to load
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
  }
}
