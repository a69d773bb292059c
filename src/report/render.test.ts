import { describe, expect, it } from "vitest";
import { sampleResult } from "../../tests/support/sample-result.js";
import { renderHtml } from "./html/page.js";
import { renderJson } from "./json.js";
import { renderMarkdown } from "./markdown.js";
import { RENDER_FORMATS, render } from "./render.js";
import { renderSarif } from "./sarif.js";
import { renderTerminal } from "./terminal.js";

const result = sampleResult();

describe("render", () => {
  it.each([
    ["terminal", renderTerminal(result, { colors: false, width: 80 })],
    ["markdown", renderMarkdown(result)],
    ["sarif", renderSarif(result)],
    ["html", renderHtml(result)],
    ["json", renderJson(result)],
  ] as const)("gives the %s form", (format, text) => expect(render(result, format)).toBe(text));

  it("hands options on", () => {
    const docsUrl = "https://example.org/audits";
    expect(render(result, "terminal", { width: 120, verbose: true, colors: true })).toBe(
      renderTerminal(result, { width: 120, verbose: true, colors: true }),
    );
    expect(render(result, "markdown", { docsUrl })).toBe(renderMarkdown(result, { docsUrl }));
    expect(render(result, "sarif", { modelPath: "a/b.onnx" })).toBe(
      renderSarif(result, { modelPath: "a/b.onnx" }),
    );
    expect(render(result, "html", { docsUrl })).toBe(renderHtml(result, { docsUrl }));
  });

  it.each(RENDER_FORMATS)("gives the same %s twice, ending in one newline", (format) => {
    const text = render(result, format);
    expect(render(structuredClone(result), format)).toBe(text);
    expect(text).toMatch(/[^\n]\n$/);
  });
});
