import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
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
    const tolerated = variants(sampleResult(), (parent, key) => {
      delete parent[key];
    }).filter(({ value }) => accepts(value));
    // What the numbers of a message are called is up to the audit.
    expect(tolerated.filter(({ path }) => !/findings\.\d+\.data\.\w+$/.test(path))).toEqual([]);
  });

  it("refuses the sample with any one field of another type", () => {
    const tolerated = variants(sampleResult(), (parent, key) => {
      parent[key] = { unexpected: true };
    }).filter(({ value }) => accepts(value));
    expect(tolerated.map(({ path }) => path)).toEqual([]);
  });

  it("refuses the sample with a field too many in any one place", () => {
    const tolerated = variants(sampleResult(), (parent, key) => {
      const value = parent[key];
      if (isRecord(value)) value.misspelt = true;
      else parent[key] = { misspelt: true };
    }).filter(({ value }) => accepts(value));
    expect(tolerated.map(({ path }) => path)).toEqual([]);
  });

  it.each([
    ["a newer version", { ...sampleResult(), schemaVersion: 2 }],
    ["counts below zero", { ...sampleResult(), summary: { errors: -1, warnings: 0, infos: 0 } }],
    ["no object", []],
    ["null", null],
  ])("refuses %s", (_name, value) => expect(accepts(value)).toBe(false));
});

type Mutable = Record<string, unknown>;

function isRecord(value: unknown): value is Mutable {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy of the result for every field in it, each changed in that field alone. */
function variants(result: Result, change: (parent: Mutable, key: string) => void) {
  return fieldPaths(result).map((path) => {
    const value = structuredClone(result) as unknown as Mutable;
    const parent = path.slice(0, -1).reduce((at, key) => at[key] as Mutable, value);
    change(parent, path.at(-1)!);
    return { path: path.join("."), value };
  });
}

/** Fields of objects, at any depth; of a list, its first and last item stand for all. */
function fieldPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (Array.isArray(value)) {
    const ends = [...new Set([0, value.length - 1])].filter((i) => isRecord(value[i]));
    return ends.flatMap((i) => fieldPaths(value[i], [...path, String(i)]));
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    [...path, key],
    ...fieldPaths(item, [...path, key]),
  ]);
}
