import { createHash } from "node:crypto";
import fc from "fast-check";
import { type DefaultTreeAdapterMap, parse } from "parse5";
import { describe, expect, it } from "vitest";
import { expectGolden } from "../../../tests/support/golden.js";
import {
  cleanResult,
  emptyResult,
  hostileResults,
  resultWithoutShapes,
  sampleResult,
} from "../../../tests/support/sample-result.js";
import { renderHtml } from "./page.js";
import { script, scriptHash } from "./script.js";
import { style, styleHash } from "./style.js";

type Element = DefaultTreeAdapterMap["element"];

/** Nine findings of one audit, more than are shown at once. */
const { findings, ...sample } = sampleResult();
const crowded = { ...sample, findings: Array.from({ length: 9 }, () => ({ ...findings[3] })) };

const errors: string[] = [];
const variants = [
  ["the sample", sampleResult()],
  ["a clean result", cleanResult()],
  ["a result without shapes", resultWithoutShapes()],
  ["an empty result", emptyResult()],
  ["many findings alike", crowded],
] as const;

/** All elements of a page, in order. */
function elementsOf(page: string): Element[] {
  errors.length = 0;
  const document = parse(page, { onParseError: ({ code }) => errors.push(code) });
  const walk = (node: DefaultTreeAdapterMap["node"]): Element[] => [
    ...("tagName" in node ? [node] : []),
    ...("childNodes" in node ? node.childNodes.flatMap(walk) : []),
  ];
  return walk(document);
}

function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((attr) => attr.name === name)?.value;
}

function textOf(node: DefaultTreeAdapterMap["node"]): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

describe("the page looks as before", () => {
  const golden = (name: string) => new URL(`../fixtures/${name}`, import.meta.url);
  it("for the sample", () => expectGolden(renderHtml(sampleResult()), golden("sample.html")));
  it("when nothing was found", () => expectGolden(renderHtml(cleanResult()), golden("clean.html")));
});

describe("its policy", () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("base64");

  // When one of these fails, the file was edited: its hash is the value received.
  it("names the style by its hash", () => expect(sha256(style)).toBe(styleHash));
  it("names the script by its hash", () => expect(sha256(script)).toBe(scriptHash));

  it("covers the very text that a browser finds in the page", () => {
    const elements = elementsOf(renderHtml(sampleResult()));
    const texts = (tag: string) =>
      elements.filter(({ tagName }) => tagName === tag).map((element) => textOf(element));
    expect(texts("style").map(sha256)).toEqual([styleHash]);
    expect(texts("script").map(sha256)).toEqual([scriptHash]);
  });

  it("forbids everything else, before anything else is read", () => {
    const head = elementsOf(renderHtml(sampleResult())).find(({ tagName }) => tagName === "head")!;
    const [charset, policy] = head.childNodes.filter((node) => "tagName" in node);
    expect(attribute(charset, "charset")).toBe("utf-8");
    expect(attribute(policy, "http-equiv")).toBe("Content-Security-Policy");
    expect(attribute(policy, "content")).toBe(
      `default-src 'none'; style-src 'sha256-${styleHash}'; script-src 'sha256-${scriptHash}'; base-uri 'none'; form-action 'none'`,
    );
  });
});

describe.each(variants)("the page of %s", (_name, result) => {
  const elements = elementsOf(renderHtml(result));
  const own = (name: string) =>
    elements.map((e) => attribute(e, name)).filter((v) => v !== undefined);

  it("is well formed", () => {
    elementsOf(renderHtml(result));
    expect(errors).toEqual([]);
  });

  it("has no id twice, and no link or label that leads nowhere", () => {
    const ids = own("id");
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [
      ...own("href")
        .filter((href) => href.startsWith("#"))
        .map((href) => href.slice(1)),
      ...own("aria-labelledby"),
    ];
    expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("has one main heading, and skips no level", () => {
    const levels = elements
      .map(({ tagName }) => /^h([1-6])$/.exec(tagName)?.[1])
      .filter((level) => level !== undefined)
      .map(Number);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [i, level] of levels.entries())
      expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
  });

  it("names its language, tables, pictures and scrolling regions", () => {
    const tags = (tag: string) => elements.filter(({ tagName }) => tagName === tag);
    expect(attribute(tags("html")[0], "lang")).toBe("en");
    expect(tags("caption")).toHaveLength(tags("table").length);
    for (const svg of tags("svg"))
      expect([attribute(svg, "aria-label"), attribute(svg, "aria-hidden")]).not.toEqual([
        undefined,
        undefined,
      ]);
    for (const region of elements.filter((e) => attribute(e, "tabindex") === "0"))
      expect(attribute(region, "role")).toBe("region");
    for (const th of tags("th")) expect(["row", "col"]).toContain(attribute(th, "scope"));
  });

  it("loads nothing", () => {
    for (const name of [
      "src",
      "srcset",
      "style",
      "action",
      "data",
      "poster",
      "background",
      "xlink:href",
    ])
      expect(own(name)).toEqual([]);
    const tags = new Set(elements.map(({ tagName }) => tagName));
    for (const tag of ["link", "img", "iframe", "object", "embed", "base", "form", "use", "image"])
      expect(tags).not.toContain(tag);
    expect(style).not.toMatch(/url\(|@import|@font-face/);
  });
});

describe("the page of the sample", () => {
  const page = renderHtml(sampleResult());
  const elements = elementsOf(page);

  it("has a card for each audit that found something and an entry for each finding", () => {
    expect(elements.filter(({ tagName }) => tagName === "article")).toHaveLength(8);
    const entries = elements.filter((e) => attribute(e, "id")?.startsWith("finding-"));
    expect(entries).toHaveLength(sampleResult().findings.length);
  });

  it("draws a column for each convolution, that leads to its finding or its row", () => {
    const chart = elements.find((e) => attribute(e, "class") === "network")!;
    const columns = chart.childNodes.filter((node) => "tagName" in node && node.tagName === "a");
    expect(columns).toHaveLength(25);
    const hrefs = columns.map((column) => attribute(column as Element, "href"));
    expect(hrefs[0]).toBe("#layer-1");
    expect(sampleResult().findings[3].node).toBe(sampleResult().convolutions[10].name);
    expect(hrefs[10]).toBe("#finding-4");
  });

  it("shows hostile names for what they are", () => {
    const names = elements
      .filter((e) => attribute(e, "class") === "name")
      .map((element) => textOf(element));
    expect(names).toContain("<script>alert(1)</script>");
    expect(names).toContain("\\u{1b}[31mbackbone.red\\u{1b}[0m");
    expect(names).toContain("neck/\\u{202e}gpj.exe/conv");
    expect(names).toContain("颈部/融合层/分组卷积_四");
  });

  it("folds the findings of an audit that has very many", () => {
    expect(renderHtml(crowded)).toContain("<summary>3 more</summary>");
  });

  it("links audits where their address is known", () => {
    expect(renderHtml(sampleResult(), { docsUrl: "https://example.org/audits" })).toContain(
      '<a href="https://example.org/audits/slow-groups.md" rel="noreferrer">',
    );
  });
});

it("gets no element and no attribute from a name", () => {
  const vocabulary = (elements: readonly Element[]) =>
    new Set(
      elements.flatMap(({ tagName, attrs }) => [
        tagName,
        ...attrs.map(({ name }) => `${tagName} ${name}`),
      ]),
    );
  const known = vocabulary(variants.flatMap(([, result]) => elementsOf(renderHtml(result))));
  fc.assert(
    fc.property(hostileResults, (result) => {
      const elements = elementsOf(renderHtml(result));
      // Characters that Unicode has not given a meaning are shown as they are.
      expect(errors.filter((code) => code !== "noncharacter-in-input-stream")).toEqual([]);
      expect([...vocabulary(elements)].filter((word) => !known.has(word))).toEqual([]);
      expect(elements.filter(({ tagName }) => tagName === "script")).toHaveLength(1);
      for (const element of elements.filter(({ tagName }) => tagName === "a"))
        expect(attribute(element, "href")).toMatch(/^(#[\w-]+$|https?:\/\/)/);
    }),
    { numRuns: 25 },
  );
});
