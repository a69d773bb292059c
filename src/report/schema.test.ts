import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import {
  addField,
  fieldVariants,
  removeField,
  retypeField,
} from "../../tests/support/field-variants.js";
import {
  cleanResult,
  emptyResult,
  resultWithoutShapes,
  sampleResult,
} from "../../tests/support/sample-result.js";
import type { Result } from "../audits/result.js";
import { resultJsonSchema, resultSchema } from "./schema.js";

/** Two judges of the same results: zod, and an independent one that reads the exported JSON Schema. */
const jsonSchema = new Ajv2020({ strict: true }).compile(resultJsonSchema());
const judges = [
  { judge: "zod", accepts: (value: unknown) => resultSchema.safeParse(value).success },
  { judge: "the JSON Schema", accepts: (value: unknown) => jsonSchema(value) },
];

it("infers the very type of a result, both ways", () => {
  expectTypeOf<z.infer<typeof resultSchema>>().toEqualTypeOf<Result>();
});

describe.each(judges)("$judge", ({ accepts }) => {
  it.each([
    ["the sample", sampleResult()],
    ["a clean result", cleanResult()],
    ["a result without shapes", resultWithoutShapes()],
    ["an empty result", emptyResult()],
  ])("accepts %s", (_name, result) => expect(accepts(result)).toBe(true));

  it("refuses the sample without any one of its fields", () => {
    const tolerated = fieldVariants(sampleResult(), removeField).filter(({ value }) =>
      accepts(value),
    );
    // What the numbers of a message are called is up to the audit.
    expect(tolerated.filter(({ path }) => !/findings\.\d+\.data\.\w+$/.test(path))).toEqual([]);
  });

  it("refuses the sample with any one field of another type", () => {
    const tolerated = fieldVariants(sampleResult(), retypeField).filter(({ value }) =>
      accepts(value),
    );
    expect(tolerated.map(({ path }) => path)).toEqual([]);
  });

  it("refuses the sample with a field too many in any one place", () => {
    const tolerated = fieldVariants(sampleResult(), addField).filter(({ value }) => accepts(value));
    expect(tolerated.map(({ path }) => path)).toEqual([]);
  });

  it.each([
    ["a newer version", { ...sampleResult(), schemaVersion: 2 }],
    ["counts below zero", { ...sampleResult(), summary: { errors: -1, warnings: 0, infos: 0 } }],
    ["no object", []],
    ["null", null],
  ])("refuses %s", (_name, value) => expect(accepts(value)).toBe(false));
});
