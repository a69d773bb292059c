import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import DraftFour from "ajv-draft-04";
import addFormats from "ajv-formats";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import type { Log } from "sarif";
import { describe, expect, it } from "vitest";
import {
  cleanExamReport,
  HOSTILE_NAME,
  sampleExamReport,
} from "../../../tests/support/sample-exam-report.js";
import { cleanResult, sampleResult } from "../../../tests/support/sample-result.js";
import { renderExam } from "../exam/render.js";
import { RENDER_FORMATS, render } from "../render.js";
import { checkupOf } from "./checkup.js";
import { renderCheckup } from "./render.js";

const exam = await sampleExamReport();
const sample = checkupOf(sampleResult(), exam);
const clean = checkupOf(cleanResult(), cleanExamReport());

describe.each(RENDER_FORMATS)("as %s", (format) => {
  it("names every finding of both, and ends in one newline", async () => {
    const text = await renderCheckup(sample, format, { width: 4000, verbose: true });
    // Formats escape messages each in its own way; what none of them touches are the words.
    const words = (from: string) => new Set(from.match(/[a-z]{4,}/g));
    const said = words(text);
    for (const { message } of [...sample.audit.findings, ...exam.findings])
      for (const word of words(message)) expect(said).toContain(word);
    expect(text).toMatch(/[^\n]\n$/);
  });
});

it("is two reports in one document as JSON", async () => {
  expect(JSON.parse(await renderCheckup(sample, "json"))).toEqual({
    schemaVersion: 1,
    tool: sample.audit.tool,
    model: sample.audit.model.name,
    audit: sample.audit,
    exam,
  });
});

it("is one report under the other as Markdown", async () => {
  const text = await renderCheckup(sample, "markdown");
  expect(text).toBe(`${render(sample.audit, "markdown")}\n${await renderExam(exam, "markdown")}`);
});

describe("on a terminal", () => {
  const lastOf = (text: string) => text.trimEnd().split("\n").at(-1);

  it("comes to one sum at the end", async () => {
    const all = [...sample.audit.findings, ...exam.findings];
    const errors = all.filter(({ severity }) => severity === "error").length;
    const text = await renderCheckup(sample, "terminal", { width: 300 });
    expect(lastOf(text)).toMatch(
      new RegExp(`^✖ ${errors} errors?, .* in \\d+ convolutions and by 2 exams on 12 pictures`),
    );
    expect(text).toContain("\nexamined on data\n");
    expect(text).not.toContain(HOSTILE_NAME); // it has a control code
  });

  it("says that nothing was found", async () => {
    const text = await renderCheckup(clean, "terminal", { width: 300 });
    expect(lastOf(text)).toMatch(/^✔ no findings in \d+ convolutions and by 1 exam on synthetic/);
  });
});

describe("as SARIF", () => {
  const schemaFile = createRequire(import.meta.url).resolve(
    "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json",
  );
  const ajv = new DraftFour.default({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, "utf8")));
  const logOf = async (of = sample): Promise<Log> => JSON.parse(await renderCheckup(of, "sarif"));

  it("is as the standard has it", async () => {
    for (const checkup of [sample, clean]) {
      validate(await logOf(checkup));
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  it("has the findings of both, each with its rule, and no two rules of one name", async () => {
    const [{ tool, results = [] }] = (await logOf()).runs;
    const ids = tool.driver.rules!.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("ask/off-fast-path");
    expect(results).toHaveLength(sample.audit.findings.length + exam.findings.length);
    for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex!]).toBe(ruleId);
    const rule = tool.driver.rules!.find(({ id }) => id === "ask/slower-than-dense")!;
    expect(rule.help?.text).toContain("More in docs/exams/slower-than-dense.md.");
  });

  it("says which exam could not be made", async () => {
    const [{ invocations }] = (await logOf()).runs;
    const texts = invocations![0].toolExecutionNotifications!.map(({ message }) => message.text);
    expect(texts).toContain(
      "The exam listen could not be made: no gradient for op=NonMaxSuppression",
    );
  });
});

describe("as a page", () => {
  type Node = DefaultTreeAdapterTypes.Node;
  const elements = (node: Node): DefaultTreeAdapterTypes.Element[] => [
    ...("tagName" in node ? [node] : []),
    ...("childNodes" in node ? node.childNodes.flatMap(elements) : []),
  ];
  const attributesOf = (page: string, name: string) =>
    elements(parse(page)).flatMap(({ attrs }) =>
      attrs.filter((one) => one.name === name).map(({ value }) => value),
    );

  it("has no two parts of one name, and leads nowhere that is not there", async () => {
    const page = await renderCheckup(sample, "html");
    const ids = attributesOf(page, "id");
    expect(new Set(ids).size).toBe(ids.length);
    for (const target of ["network", "findings", "all-layers", "examined", "found", "look", "ask"])
      expect(ids).toContain(target);
    const local = attributesOf(page, "href").filter((href) => href.startsWith("#"));
    expect(ids).toEqual(expect.arrayContaining(local.map((href) => href.slice(1))));
    expect(ids).toEqual(expect.arrayContaining(attributesOf(page, "aria-labelledby")));
  });
});
