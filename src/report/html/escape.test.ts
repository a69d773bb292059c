import fc from "fast-check";
import { parseFragment } from "parse5";
import { describe, expect, it } from "vitest";
import { hostileText } from "../../../tests/support/sample-result.js";
import { printable } from "../../util/text.js";
import { type HtmlValue, html } from "./escape.js";

describe("html", () => {
  it.each<[string, string, HtmlValue]>([
    ["text", "&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;", `<b> & "c" 'd'`],
    ["a number", "4", 4],
    ["markup", "<b>&lt;</b>", html`<b>${"<"}</b>`],
    ["a list", "a<i>b</i>1", ["a", html`<i>b</i>`, 1]],
    ["null", "", null],
    ["undefined", "", undefined],
    ["false", "", false],
    ["zero", "0", 0],
    ["a control character", "\\u{1b}[31m", "\u001b[31m"],
  ])("puts %s into a hole as %s", (_what, markup, value) => {
    expect(html`<p>${value}</p>`.toString()).toBe(`<p>${markup}</p>`);
  });

  it("keeps any text text, in an element and in an attribute", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { childNodes } = parseFragment(html`<p title="${text}">${text}</p>`.toString());
        expect(childNodes).toHaveLength(1);
        const [p] = childNodes as never as [
          { attrs: unknown; childNodes: { nodeName: string; value: string }[] },
        ];
        const shown = printable(text, 4000);
        expect(p.attrs).toEqual([{ name: "title", value: shown }]);
        expect(p.childNodes.map(({ nodeName, value }) => [nodeName, value])).toEqual(
          shown === "" ? [] : [["#text", shown]],
        );
      }),
      { numRuns: 300 },
    );
  });
});
