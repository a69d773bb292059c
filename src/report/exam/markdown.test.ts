import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import { expectGolden } from "../../../tests/support/golden.js";
import {
  cleanExamReport,
  failedExamReport,
  sampleExamReport,
} from "../../../tests/support/sample-exam-report.js";
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

it("tells what was timed on where there is no profile, as of a browser", async () => {
  const report = await sampleExamReport();
  const ask = report.sections.ask!;
  const browser = "Chromium 147.0.7727.0";
  const machine = { ...ask.machine, target: "ort-webgpu", browser, adapter: "google swiftshader" };
  const markdown = renderExamMarkdown({
    ...report,
    sections: { ask: { ...ask, machine, profile: null } },
  });
  expect(markdown).toContain(
    "1 thread, ONNX Runtime 1.30.0 (ort-webgpu) in Chromium 147.0.7727.0 on google swiftshader",
  );
});

it("calls nothing well where no exam could be made", () => {
  const text = renderExamMarkdown(failedExamReport());
  expect(text).toContain("**nothing examined**");
  expect(text).not.toContain("no findings");
});
