import fc from "fast-check";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import { expectGolden } from "../../tests/support/golden.js";
import {
  cleanResult,
  emptyResult,
  hostileResults,
  resultWithoutShapes,
  sampleResult,
} from "../../tests/support/sample-result.js";
import { renderMarkdown } from "./markdown.js";

const golden = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

/** As GitHub would render it, but with all HTML let through, so that what slips by is seen. */
function rendered(markdown: string): string {
  return micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
  });
}

function tagsOf(html: string): string[] {
  return [...new Set([...html.matchAll(/<\/?([^\s<>/]+)[^>]*>/g)].map(([, tag]) => tag))].sort();
}

const OUR_TAGS =
  "blockquote br code details h3 li p strong summary table tbody td th thead tr ul".split(" ");

describe("the Markdown report looks as before", () => {
  it("for the sample", () => expectGolden(renderMarkdown(sampleResult()), golden("sample.md")));
  it("when nothing was found", () =>
    expectGolden(renderMarkdown(cleanResult()), golden("clean.md")));
});

it("has a row for every finding, whole", () => {
  const html = rendered(renderMarkdown(sampleResult()));
  const [findings] = html.matchAll(/<table>.*?<\/table>/gs);
  const rows = [...findings[0].matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => row);
  expect(rows).toHaveLength(1 + sampleResult().findings.length);
  for (const row of rows) expect(row.match(/<t[hd][ >]/g)).toHaveLength(6);
});

it("has the layers that matter, or all of them", () => {
  const short = renderMarkdown(sampleResult());
  expect(short).toContain("13 of 25 convolutions: those with groups or findings");
  expect(short).not.toContain("`stem/conv`");
  const long = renderMarkdown(sampleResult(), { verbose: true });
  expect(long).toContain("All 25 convolutions");
  expect(long).toContain("`stem/conv`");
});

it("links audits where their address is known", () => {
  const markdown = renderMarkdown(sampleResult(), { docsUrl: "https://example.org/audits" });
  expect(rendered(markdown)).toContain(
    '<a href="https://example.org/audits/slow-groups.md">slow-groups</a>',
  );
  expect(renderMarkdown(sampleResult())).not.toContain("](");
});

it.each([
  ["without shapes", resultWithoutShapes(), "no shapes: the runtime could not load the model"],
  ["without convolutions", emptyResult(), "**no findings** in 0 convolutions"],
  ["without findings", cleanResult(), "**no findings** in 3 convolutions"],
])("says so %s", (_case, result, text) => expect(renderMarkdown(result)).toContain(text));

it("lets nothing from the model become Markdown or HTML", () => {
  fc.assert(
    fc.property(hostileResults, (result) => {
      const markdown = renderMarkdown(result, { verbose: true });
      const html = rendered(markdown);
      expect(tagsOf(html).filter((tag) => !OUR_TAGS.includes(tag))).toEqual([]);
      // GitHub turns these into mentions wherever they are text.
      expect(html.replace(/<code>.*?<\/code>/gs, "")).not.toMatch(/@\w/);
      expect(markdown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/gs)];
      const { findings, convolutions, audits } = result;
      expect(rows).toHaveLength(3 + findings.length + convolutions.length + audits.length);
    }),
    { numRuns: 40 },
  );
});
