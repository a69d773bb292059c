import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import { smallNet } from "../../../tests/support/exam-networks.js";
import { cleanExamReport, sampleExamReport } from "../../../tests/support/sample-exam-report.js";
import { type ExamReport, examine, syntheticData } from "../../exams/index.node.js";
import { parseExamReport } from "./json.js";
import { examReportJsonSchema, examReportSchema } from "./schema.js";

const jsonSchema = new Ajv2020({ strict: true }).compile(examReportJsonSchema());

it("infers the very type of a report, both ways", () => {
  expectTypeOf<z.infer<typeof examReportSchema>>().toEqualTypeOf<ExamReport>();
});

/** Every exam, made for real on a small net with groups; times are few, and kept nowhere. */
async function realReport(): Promise<ExamReport> {
  const model = smallNet();
  const data = await syntheticData(model, { samples: 4 });
  const ask = { budgetMs: 3000, openStore: undefined };
  return examine(model, data, { ask, pulse: { budgetMs: 3000 } });
}

describe("zod and the JSON Schema", () => {
  it("accept what exams really write, from JSON", async () => {
    const report = await realReport();
    expect(report.exams.map(({ id, status }) => [id, status])).toEqual([
      ["look", "done"],
      ["listen", "done"],
      ["ask", "done"],
      ["pulse", "done"],
    ]);
    const read = JSON.parse(JSON.stringify(report));
    expect(examReportSchema.safeParse(read).error?.issues ?? []).toEqual([]);
    jsonSchema(read);
    expect(jsonSchema.errors ?? []).toEqual([]);
  });

  it("accept the samples, and refuse them with a field more, one less, or a word misspelt", async () => {
    const sample = await sampleExamReport();
    for (const report of [sample, cleanExamReport()]) {
      expect(examReportSchema.safeParse(report).error?.issues ?? []).toEqual([]);
      expect(jsonSchema(JSON.parse(JSON.stringify(report)))).toBe(true);
    }
    const { data: _, ...without } = sample;
    const wrong = [
      { ...sample, more: 1 },
      without,
      { ...sample, sections: { looks: sample.sections.look } },
      { ...sample, sections: { look: { ...sample.sections.look, passes: "1" } } },
      { ...sample, exams: [{ ...sample.exams[0], status: "made" }] },
    ];
    for (const report of wrong) {
      expect(examReportSchema.safeParse(report).success).toBe(false);
      expect(jsonSchema(JSON.parse(JSON.stringify(report)))).toBe(false);
    }
  });
});

describe("parseExamReport", () => {
  it("reads back what was written", async () => {
    const report = await sampleExamReport();
    expect(await parseExamReport(JSON.stringify(report))).toEqual(report);
  });

  it.each([
    ["{", /^exam report: not JSON/],
    ["[]", /^exam report: the whole: Invalid input: expected object, received array/],
  ])("refuses %j", async (json, message) => {
    await expect(parseExamReport(json)).rejects.toThrow(message);
  });
});
