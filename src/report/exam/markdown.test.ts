import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import { expectGolden } from "../../../tests/support/golden.js";
import { cleanExamReport, sampleExamReport } from "../../../tests/support/sample-exam-report.js";
import { renderExamMarkdown } from "./markdown.js";

const golden = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

describe("the Markdown report looks as before", () => {
  it("with findings", async () =>
    expectGolden(renderExamMarkdown(await sampleExamReport()), golden("sample.md")));
  it("without", () =>
    expectGolden(renderExamMarkdown(cleanExamReport(), { verbose: true }), golden("clean.md")));
});

it("is read as tables, and no name of the model becomes markup", async () => {
  const html = micromark(renderExamMarkdown(await sampleExamReport()), {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
  });
  expect(html).not.toContain("<script>");
  for (const row of html.matchAll(/<table>\s*<thead>(.*?)<\/thead>(.*?)<\/table>/gs)) {
    const columns = row[1].match(/<th/g)!.length;
    for (const body of row[2].matchAll(/<tr>(.*?)<\/tr>/gs))
      expect(body[1].match(/<td/g)).toHaveLength(columns);
  }
});
