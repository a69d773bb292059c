import { describe, expect, it } from "vitest";
import { expectGolden } from "../../../tests/support/golden.js";
import {
  cleanExamReport,
  failedExamReport,
  HOSTILE_NAME,
  sampleExamReport,
} from "../../../tests/support/sample-exam-report.js";
import { displayWidth } from "../display-width.js";
import { renderExamTerminal } from "./terminal.js";

const golden = (name: string) => new URL(`fixtures/${name}`, import.meta.url);
const SGR = /\u001b\[[0-9;]*m/g;

describe("the terminal report looks as before", () => {
  it.each([80, 120])("at %d columns", async (width) =>
    expectGolden(
      renderExamTerminal(await sampleExamReport(), { colors: false, width }),
      golden(`sample-${width}.txt`),
    ),
  );
  it("when nothing was found, on drawn pictures", () =>
    expectGolden(
      renderExamTerminal(cleanExamReport(), { colors: false, width: 100, verbose: true }),
      golden("clean.txt"),
    ));
});

it.each([40, 57, 80, 100, 200])("%d columns are enough for every line", async (width) => {
  for (const report of [await sampleExamReport(), cleanExamReport()]) {
    const text = renderExamTerminal(report, { colors: false, width, verbose: true });
    // What has no room for its least columns may be wider, but never under 80.
    const least = Math.max(width, 80);
    expect(text.split("\n").filter((line) => displayWidth(line) > least)).toEqual([]);
  }
});

it("makes no difference by colours but the colours, and lets no name act on the terminal", async () => {
  const report = await sampleExamReport();
  const colored = renderExamTerminal(report, { colors: true, width: 100 });
  expect(colored).toMatch(SGR);
  expect(colored.replace(SGR, "")).toBe(renderExamTerminal(report, { colors: false, width: 100 }));
  expect(HOSTILE_NAME).toContain("\u001b");
  expect(renderExamTerminal(report, { colors: false, width: 100 })).not.toContain("\u001b");
});

it("shows the layers with findings or groups, and all that are asked for", async () => {
  const report = await sampleExamReport();
  const short = renderExamTerminal(report, { colors: false, width: 120 });
  expect(short).toContain("block1/grouped");
  expect(short).not.toContain("stem/conv");
  expect(short).toContain("not shown: 2 layers");
  expect(renderExamTerminal(report, { colors: false, width: 120, verbose: true })).toContain(
    "stem/conv",
  );
});

it("says plainly that numbers are of drawn pictures", () =>
  expect(renderExamTerminal(cleanExamReport(), { colors: false, width: 200 })).toContain(
    "No data was given: these numbers are of synthetic noise",
  ));

it("calls nothing well where no exam could be made", () => {
  const text = renderExamTerminal(failedExamReport(), { colors: false, width: 100 });
  expect(text).toContain("could not be made: only float32 has gradients");
  expect(text.trimEnd().split("\n").at(-1)).toBe("✖ nothing examined");
  expect(text).not.toContain("no findings");
});
