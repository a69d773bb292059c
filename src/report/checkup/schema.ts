import * as z from "zod"; // the named import `z` would bring every language of its messages along
import { examReportSchema } from "../exam/schema.js";
import { record } from "../exam/schema-parts.js";
import { nameResultParts, resultSchema } from "../schema.js";
import { type JsonSchema, toJsonSchema } from "../to-json-schema.js";

/** Checks one checkup, both halves with the checkers of their own; its inferred type is `Checkup`. */
export const checkupSchema = record({
  schemaVersion: z.literal(1),
  tool: record({ name: z.literal("groupconv"), version: z.string() }),
  model: z.string(),
  audit: resultSchema,
  exam: examReportSchema,
});

/** The same as a JSON Schema (draft 2020-12). */
export function checkupJsonSchema(): JsonSchema {
  const parts = z.registry<{ id: string }>();
  nameResultParts(parts);
  parts.add(resultSchema, { id: "Result" });
  parts.add(examReportSchema, { id: "ExamReport" });
  return toJsonSchema("groupconv checkup, version 1", checkupSchema, parts);
}
