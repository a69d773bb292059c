export { type Checkup, checkupOf } from "./checkup/checkup.js";
export { parseCheckup } from "./checkup/json.js";
export { renderCheckup } from "./checkup/render.js";
export { shorten } from "./display-width.js";
export { parseExamReport } from "./exam/json.js";
export {
  EXAM_FORMATS,
  type ExamFormat,
  type ExamRenderOptions,
  renderExam,
} from "./exam/render.js";
export { renderHtml } from "./html/page.js";
export type { HtmlOptions } from "./html/parts.js";
export { parseResult, renderJson } from "./json.js";
export { checkupJsonSchema, examReportJsonSchema, resultJsonSchema } from "./json-schemas.js";
export { type MarkdownOptions, renderMarkdown } from "./markdown.js";
export { RENDER_FORMATS, type RenderFormat, type RenderOptions, render } from "./render.js";
export { renderSarif, type SarifOptions } from "./sarif.js";
export { renderTerminal } from "./terminal.js";
export type { TerminalOptions } from "./terminal-text.js";
export type { JsonSchema } from "./to-json-schema.js";
