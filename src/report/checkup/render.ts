import type { RenderFormat, RenderOptions } from "../render.js";
import type { Checkup } from "./checkup.js";
import { renderCheckupMarkdown } from "./markdown.js";
import { renderCheckupSarif } from "./sarif.js";
import { renderCheckupTerminal } from "./terminal.js";

/** Audits and exams in one of the formats, as text that ends in a newline. */
export async function renderCheckup(
  checkup: Checkup,
  format: RenderFormat,
  options: RenderOptions = {},
): Promise<string> {
  const { colors = false, width = 80, verbose } = options;
  switch (format) {
    case "terminal":
      return renderCheckupTerminal(checkup, { colors, width, verbose });
    case "markdown":
      return renderCheckupMarkdown(checkup, options);
    case "sarif":
      return renderCheckupSarif(checkup, options);
    case "html":
      return (await import("./html.js")).renderCheckupHtml(checkup, options); // charts are heavy to load
    case "json":
      return `${JSON.stringify(checkup, null, 2)}\n`;
  }
}
