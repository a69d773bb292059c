import fc from "fast-check";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import { printable } from "../util/text.js";
import { markdownCode, markdownText } from "./markdown-escape.js";

/** What GitHub's dialect makes of it. Dangerous HTML is let through: were there any, it would show. */
function rendered(markdown: string): string {
  return micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
  }).trim();
}

/** The words a reader sees, if there is nothing but words. */
function words(html: string): string {
  expect(html).not.toMatch(/</);
  return html
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("\u2060", "");
}

function inParagraph(markdown: string): string {
  return rendered(markdown).replace(/^<p>(.*)<\/p>$/s, "$1");
}

function inListItem(markdown: string): string {
  return rendered(`- ${markdown}`).replace(/^<ul>\n<li>(.*)<\/li>\n<\/ul>$/s, "$1");
}

function inTable(markdown: string): string {
  const html = rendered(`| a | b |\n| --- | --- |\n| ${markdown} | last |`);
  const cells = [...html.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell);
  expect(cells).toHaveLength(2);
  expect(cells[1]).toBe("last");
  return cells[0];
}

const hostile = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "a|b||c\\|d",
  "`code` ``more`` `open",
  "**bold** _em_ ~~gone~~ __x__",
  "[text](https://evil.example) ![x](y) [ref]: z",
  "see https://evil.example/a or www.evil.example or me@evil.example",
  "a@.a b@-c.d",
  "# heading",
  "1. one",
  "12) twelve",
  "3.",
  "7.37 M",
  "- item",
  "+ item",
  "* item",
  "> quote",
  "===",
  "---",
  "- [ ] task",
  "&lt;b&gt; &#64; &copy;",
  "line\nbreak\r\n\r\nparagraph",
  "trailing\\",
  "\u001b[31mred\u001b[0m",
  "neck/\u202egpj.exe",
  "$x^2$ and $$y$$",
  "<!-- comment -->",
  "```js\ncode",
  "颈部/卷积",
];
const anything = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."aZ9 \n\\`*_~[]()<>&|$@#:!-+=.\"'/^{}\u202e\u001b颈") }),
  fc.string({ unit: "binary" }),
);

describe("markdownText shows a text word for word", () => {
  it.each(hostile)("%j", (text) => {
    for (const place of [inParagraph, inListItem, inTable])
      expect(words(place(markdownText(text)))).toBe(printable(text));
  });

  it("whatever the text", () => {
    fc.assert(
      fc.property(anything, (text) => {
        fc.pre(printable(text).trim() !== "");
        const shown = printable(text, 2000).trim();
        for (const place of [inParagraph, inListItem, inTable])
          expect(words(place(markdownText(text))).trim()).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["@everyone", "&#64;&#8288;everyone"],
    ["fixes #12", "fixes &#35;&#8288;12"],
    [":smile:", "&#58;&#8288;smile:"],
  ])("%j is parted, because GitHub looks for it in the HTML", (text, markdown) =>
    expect(markdownText(text)).toBe(markdown),
  );
});

describe("markdownCode shows a name character for character", () => {
  const code = (place: (markdown: string) => string, markdown: string) =>
    words(place(markdown).replace(/^<code>(.*)<\/code>$/s, "$1"));

  it.each(hostile)("%j", (name) => {
    for (const place of [inParagraph, inListItem, inTable])
      expect(code(place, markdownCode(name))).toBe(printable(name));
  });

  it("whatever the name", () => {
    fc.assert(
      fc.property(anything, (name) => {
        fc.pre(printable(name).trim() !== "");
        for (const place of [inParagraph, inListItem, inTable])
          expect(code(place, markdownCode(name))).toBe(printable(name, 100));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps ordinary names readable in the source", () =>
    expect(markdownCode("/model.22/cv2_1/Conv")).toBe("`/model.22/cv2_1/Conv`"));
  it("says so when there is no name", () => expect(markdownCode(" ")).toBe("(no name)"));
  it("cuts long names in the middle", () =>
    expect(markdownCode("a".repeat(300)).length).toBeLessThanOrEqual(102));
});
