import { renderExamMarkdown } from "../exam/markdown.js";
import { type MarkdownOptions, renderMarkdown } from "../markdown.js";
import type { Checkup } from "./checkup.js";

/** Audits and exams as GitHub-flavoured Markdown, the ones below the others. */
export function renderCheckupMarkdown(
  { audit, exam }: Checkup,
  options: MarkdownOptions = {},
): string {
  return `${renderMarkdown(audit, options)}\n${renderExamMarkdown(exam, options)}`;
}
