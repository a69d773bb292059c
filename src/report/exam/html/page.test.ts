import { createHash } from "node:crypto";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, it } from "vitest";
import {
  cleanExamReport,
  failedExamReport,
  HOSTILE_NAME,
  sampleExamReport,
} from "../../../../tests/support/sample-exam-report.js";
import { printable } from "../../../util/text.js";
import { style, styleHash } from "../../html/style.js";
import { renderExamHtml } from "./page.js";
import { examStyle, examStyleHash } from "./style.js";

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

function elements(page: string): Element[] {
  const walk = (node: Node): Element[] => [
    ...("tagName" in node ? [node] : []),
    ...("childNodes" in node ? node.childNodes.flatMap(walk) : []),
  ];
  return walk(parse(page));
}

const attribute = ({ attrs }: Element, name: string) =>
  attrs.find((one) => one.name === name)?.value;
const textOf = (node: Node): string =>
  "value" in node ? node.value : "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
const sha256 = (text: string) => createHash("sha256").update(text).digest("base64");

describe("the policy", () => {
  it("allows the two styles of the page and nothing else", async () => {
    const all = elements(renderExamHtml(await sampleExamReport()));
    const styles = all.filter(({ tagName }) => tagName === "style").map(textOf);
    expect(styles).toEqual([style, examStyle]);
    expect(styles.map(sha256)).toEqual([styleHash, examStyleHash]);
    const policy = all.find((one) => attribute(one, "http-equiv") === "Content-Security-Policy")!;
    expect(attribute(policy, "content")).toBe(
      `default-src 'none'; style-src 'sha256-${styleHash}' 'sha256-${examStyleHash}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it("is needed by nothing: no script, no inline style, no handler, nothing loaded", async () => {
    for (const one of elements(renderExamHtml(await sampleExamReport()))) {
      expect(["script", "img", "link", "iframe", "image", "use"]).not.toContain(one.tagName);
      for (const { name } of one.attrs) expect(name).not.toMatch(/^(style$|src$|on)/);
    }
  });
});

it("shows names as they are, in text and in charts, and lets none act", async () => {
  const page = renderExamHtml(await sampleExamReport());
  expect(page).not.toContain("<script");
  const all = elements(page);
  const shown = printable(HOSTILE_NAME, 120);
  expect(all.some((one) => attribute(one, "class") === "name" && textOf(one) === shown)).toBe(true);
  const titles = all.filter(({ tagName }) => tagName === "title").map(textOf);
  expect(titles).toContainEqual(expect.stringContaining("<script>alert(1)</script>"));
});

it("draws a matrix as it is, with the borders of the groups", async () => {
  const all = elements(renderExamHtml(await sampleExamReport()));
  const heat = all.find((one) => attribute(one, "aria-label")?.endsWith("of block1/grouped"))!;
  expect(attribute(heat, "viewbox") ?? attribute(heat, "viewBox")).toBe("0 0 16 16");
  const paths = heat.childNodes.filter((node): node is Element => "tagName" in node);
  // r is 0.9 within four groups of four, a piece a row, and 0.02 across, which is not drawn.
  const hot = paths.filter((one) => attribute(one, "class") === "hot shade-4");
  const pieces = Array.from(
    { length: 16 },
    (_, row) => `M${4 * Math.floor(row / 4)} ${row}h4v1h-4z`,
  );
  expect(hot.map((one) => attribute(one, "d"))).toEqual([pieces.join("")]);
  const borders = paths.filter((one) => attribute(one, "class") === "border");
  expect(borders.map((one) => attribute(one, "d"))).toEqual(
    [4, 8, 12].map((at) => `M0 ${at}H16M${at} 0V16`),
  );
});

it("has a curve for what was swept and a dot for each node that multiplies", async () => {
  const all = elements(renderExamHtml(await sampleExamReport()));
  const charts = all.filter((one) => attribute(one, "class") === "chart");
  expect(charts.map((one) => attribute(one, "aria-label"))).toEqual([
    expect.stringMatching(/^Roofline/),
    "Milliseconds by group count: conv",
  ]);
  const titles = (chart: Element) =>
    all.filter((one) => isWithin(one, chart) && one.tagName === "title").map(textOf);
  expect(titles(charts[0])).toHaveLength(2);
  expect(titles(charts[1])).toHaveLength(7);
  expect(titles(charts[0])[0]).toMatch(/ ms \([\d.]+ to [\d.]+, \d+ runs?\), [\d.]+ %$/);
  expect(titles(charts[1])[0]).toMatch(
    /^groups=\d+: [\d.]+ ms \([\d.]+ to [\d.]+, \d+ rounds?\), /,
  );
});

it("draws no curve through one count, and lists it", async () => {
  const report = await sampleExamReport();
  const { sweep } = report.sections.ask!;
  const [{ counts, ...first }] = sweep.configurations;
  const configurations = [{ ...first, counts: counts.slice(0, 1) }];
  const layers = sweep.layers.map((layer) => ({ ...layer, groups: 1 }));
  const ask = { ...report.sections.ask!, sweep: { ...sweep, configurations, layers } };
  const page = renderExamHtml({ ...report, sections: { ask } });
  expect(
    elements(page).flatMap((one) =>
      attribute(one, "class") === "chart" ? [attribute(one, "aria-label")] : [],
    ),
  ).toEqual([expect.stringMatching(/^Roofline/)]);
  const text = textOf(parse(page));
  expect(text).toContain("cheapest G");
  expect(text).not.toContain("The line is the clock");
});

function isWithin(one: Element, ancestor: Element): boolean {
  for (let node: Node | null = one; node; node = "parentNode" in node ? node.parentNode : null)
    if (node === ancestor) return true;
  return false;
}

it("says plainly that pictures were drawn, and that nothing was found", () => {
  const text = textOf(parse(renderExamHtml(cleanExamReport())));
  expect(text).toContain("No data was given");
  expect(text).toContain("no findings");
});

it("calls nothing well where no exam could be made", () => {
  const text = textOf(parse(renderExamHtml(failedExamReport())));
  expect(text).toContain("nothing examined");
  expect(text).not.toContain("no findings");
});
