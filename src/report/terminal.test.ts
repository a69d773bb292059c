import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectGolden } from "../../tests/support/golden.js";
import {
  cleanResult,
  emptyResult,
  hostileResults,
  resultWithoutShapes,
  sampleResult,
} from "../../tests/support/sample-result.js";
import { displayWidth } from "./display-width.js";
import { renderTerminal } from "./terminal.js";

const plain = { colors: false, width: 100 };
const golden = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

describe("the terminal report looks as before", () => {
  it("at 80 columns", () =>
    expectGolden(renderTerminal(sampleResult(), { ...plain, width: 80 }), golden("sample-80.txt")));
  it("at 140 columns, with every layer", () =>
    expectGolden(
      renderTerminal(sampleResult(), { ...plain, width: 140, verbose: true }),
      golden("sample-140-verbose.txt"),
    ));
  it("in colour", () =>
    expectGolden(
      renderTerminal(sampleResult(), { colors: true, width: 100 }),
      golden("sample-100-color.txt"),
    ));
  it("when nothing was found", () =>
    expectGolden(renderTerminal(cleanResult(), plain), golden("clean.txt")));
});

const SGR = /\u001b\[[0-9;]*m/g;

describe("colours", () => {
  it("are the only difference they make", () => {
    const colored = renderTerminal(sampleResult(), { colors: true, width: 100 });
    expect(colored).toMatch(SGR);
    expect(colored.replace(SGR, "")).toBe(renderTerminal(sampleResult(), plain));
  });
});

describe("width", () => {
  it.each([40, 57, 80, 100, 120, 200])("%d columns are enough for every line", (width) => {
    for (const result of [sampleResult(), cleanResult(), emptyResult(), resultWithoutShapes()]) {
      const lines = renderTerminal(result, { colors: false, width, verbose: true }).split("\n");
      expect(lines.filter((line) => displayWidth(line) > width)).toEqual([]);
    }
  });

  it("of a terminal that is too narrow is taken as 40", () =>
    expect(renderTerminal(sampleResult(), { ...plain, width: 3 })).toBe(
      renderTerminal(sampleResult(), { ...plain, width: 40 }),
    ));

  it("lines up columns behind Chinese names", () => {
    const lines = renderTerminal(sampleResult(), { ...plain, width: 140 }).split("\n");
    const columnOf = (name: string) => {
      const line = lines.find((candidate) => candidate.trimStart().startsWith(name))!;
      return displayWidth(line.slice(0, line.indexOf("neck ")));
    };
    expect(columnOf("颈部/融合层/分组卷积_四")).toBe(columnOf("رقبة/طبقة"));
  });

  it("says which columns it had no room for", () => {
    expect(renderTerminal(sampleResult(), { ...plain, width: 80 })).toContain(
      "a wider terminal also shows: role, kernel, params, MACs",
    );
    expect(renderTerminal(sampleResult(), { ...plain, width: 140 })).not.toContain("also shows");
  });
});

it("shows each finding with its layer, both numbers of its groups, and its audit", () => {
  const text = renderTerminal(sampleResult(), plain);
  for (const { node, audit } of sampleResult().findings.filter(({ node }) =>
    /^[\w/]+$/.test(node),
  )) {
    expect(text).toContain(node);
    expect(text).toContain(audit);
  }
  expect(text).toContain("▲ backbone/stage3/grouped_b  64 groups × 4 channels");
  expect(text).toContain("slow-groups · runtime");
});

it("hides dense layers that nothing was found about, and says so", () => {
  const short = renderTerminal(sampleResult(), plain);
  expect(short).not.toContain("stem/conv");
  expect(short).toContain("not shown: 12 dense layers without findings (see --verbose)");
  const long = renderTerminal(sampleResult(), { ...plain, verbose: true });
  expect(long).toContain("stem/conv");
  expect(long).not.toContain("not shown");
});

it("repeats no advice that the next finding gives too", () => {
  const text = renderTerminal(sampleResult(), { ...plain, width: 200 });
  expect(text.match(/→ Use 16 groups of 8 channels/g)).toHaveLength(1);
  expect(text.match(/→ Use 32 groups of 8 channels/g)).toHaveLength(1);
});

it("says how audits went that found nothing, and why", () => {
  const text = renderTerminal(sampleResult(), plain);
  expect(text).toContain("n/a      tensorrt-groups: the target is ort-cpu, not tensorrt");
  expect(text).toContain("crashed  recalibration-heads: TypeError");
});

it("says why there are no shapes", () =>
  expect(renderTerminal(resultWithoutShapes(), plain)).toContain(
    "shapes   none: the runtime could not load the model",
  ));

it("lets nothing from the model act on the terminal", () => {
  fc.assert(
    fc.property(hostileResults, fc.integer({ min: 40, max: 160 }), (result, width) => {
      const text = renderTerminal(result, { colors: false, width, verbose: true });
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
      const colored = renderTerminal(result, { colors: true, width, verbose: true });
      expect(colored.replace(SGR, "")).toBe(text);
    }),
    { numRuns: 40 },
  );
});
