import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import {
  addField,
  fieldVariants,
  removeField,
  retypeField,
} from "../../../tests/support/field-variants.js";
import {
  cleanExamReport,
  HOSTILE_NAME,
  sampleExamReport,
} from "../../../tests/support/sample-exam-report.js";
import { cleanResult, hostileResults, sampleResult } from "../../../tests/support/sample-result.js";
import { FormatError } from "../../util/errors.js";
import { checkupJsonSchema } from "../json-schemas.js";
import { type Checkup, checkupOf } from "./checkup.js";
import { parseCheckup } from "./json.js";
import { renderCheckup } from "./render.js";
import { checkupSchema } from "./schema.js";

const sample = checkupOf(sampleResult(), await sampleExamReport());
const clean = checkupOf(cleanResult(), cleanExamReport());

const jsonSchema = new Ajv2020({ strict: true }).compile(await checkupJsonSchema());
const judges = [
  { judge: "zod", accepts: (value: unknown) => checkupSchema.safeParse(value).success },
  { judge: "the JSON Schema", accepts: (value: unknown) => jsonSchema(value) },
];

it("infers the very type of a checkup, both ways", () => {
  expectTypeOf<z.infer<typeof checkupSchema>>().toEqualTypeOf<Checkup>();
});

describe.each(judges)("$judge", ({ accepts }) => {
  it.each([
    ["the sample", sample],
    ["a clean one", clean],
  ])("accepts %s", (_name, checkup) => expect(accepts(checkup)).toBe(true));

  it.each([
    ["without any one of its fields", removeField],
    ["with any one field of another type", retypeField],
    ["with a field too many in any one place", addField],
  ])("refuses the sample %s", (_name, change) => {
    const variants = fieldVariants(sample, change);
    const tolerated = variants.filter(({ value }) => accepts(value)).map(({ path }) => path);
    // What the numbers of a message are called is up to who found it, and an exam may not have been made.
    const isFree = (path: string) =>
      change === removeField && /findings\.\d+\.data\.\w+$|^exam\.sections\.(look|ask)$/.test(path);
    expect(tolerated.filter((path) => !isFree(path))).toEqual([]);
    expect(variants.length).toBeGreaterThan(300);
  });

  it.each([
    ["a newer version", { ...sample, schemaVersion: 2 }],
    ["a newer audit", { ...sample, audit: { ...sample.audit, schemaVersion: 2 } }],
    ["an audit alone", sample.audit],
    ["an exam alone", sample.exam],
    ["halves in each other's places", { ...sample, audit: sample.exam, exam: sample.audit }],
    ["a list", [sample]],
    ["null", null],
  ])("refuses %s", (_name, value) => expect(accepts(value)).toBe(false));
});

describe("parseCheckup", () => {
  it("reads back what was written, whatever the names", async () => {
    await fc.assert(
      fc.asyncProperty(hostileResults, async (audit) => {
        const checkup = checkupOf(audit, sample.exam);
        expect(await parseCheckup(await renderCheckup(checkup, "json"))).toEqual(checkup);
      }),
      { numRuns: 20 },
    );
  });

  it("keeps every word, so that any format can be made of it", async () => {
    const read = await parseCheckup(JSON.stringify(sample));
    expect(await renderCheckup(read, "html")).toBe(await renderCheckup(sample, "html"));
    expect(JSON.stringify(read)).toContain(JSON.stringify(HOSTILE_NAME));
  });

  it.each([
    ["", "checkup: not JSON"],
    ['{"schemaVersion": 1', "checkup: not JSON"],
    ["[]", "checkup: the whole: Invalid input: expected object, received array"],
    [
      JSON.stringify(sample.exam),
      "checkup: audit: Invalid input: expected object, received undefined",
    ],
  ])("refuses %#", async (json, message) => {
    const refusal = parseCheckup(json);
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow(message);
  });

  it("names the field, in whichever half it is", async () => {
    const looks = { look: { ...sample.exam.sections.look, passes: -1 } };
    const broken = { ...sample, exam: { ...sample.exam, sections: looks } };
    await expect(parseCheckup(JSON.stringify(broken))).rejects.toThrow(
      /^checkup: exam\.sections\.look\.passes: /,
    );
  });

  it("shows what acts on a terminal as it is written", async () => {
    const broken = JSON.stringify({ ...sample, "\u001b[31m": 1 });
    await expect(parseCheckup(broken)).rejects.toThrow('"\\u{1b}[31m"');
  });

  it("takes no prototype from a file", async () => {
    const text = JSON.stringify(sample);
    const hostile = text.replace(/^\{/, '{"__proto__": {"isAdmin": true},');
    await expect(parseCheckup(hostile)).rejects.toThrow("__proto__");
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
  });
});
