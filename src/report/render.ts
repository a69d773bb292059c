import type { Result } from "../audits/result.js";
import { renderHtml } from "./html/page.js";
import type { HtmlOptions } from "./html/parts.js";
import { renderJson } from "./json.js";
import { type MarkdownOptions, renderMarkdown } from "./markdown.js";
import { renderSarif, type SarifOptions } from "./sarif.js";
import { renderTerminal } from "./terminal.js";
import type { TerminalOptions } from "./terminal-text.js";

export const RENDER_FORMATS = ["terminal", "markdown", "sarif", "html", "json"] as const;
export type RenderFormat = (typeof RENDER_FORMATS)[number];

/** What any format understands; each takes what is its own. `colors` defaults to false, `width` to 80. */
export type RenderOptions = Partial<TerminalOptions> & MarkdownOptions & SarifOptions & HtmlOptions;

const RENDERERS: Readonly<
  Record<RenderFormat, (result: Result, options: RenderOptions) => string>
> = {
  terminal: (result, { colors = false, width = 80, verbose }) =>
    renderTerminal(result, { colors, width, verbose }),
  markdown: renderMarkdown,
  sarif: renderSarif,
  html: renderHtml,
  json: renderJson,
};

/** The result in one of the formats, as text that ends in a newline. */
export function render(result: Result, format: RenderFormat, options: RenderOptions = {}): string {
  return RENDERERS[format](result, options);
}
