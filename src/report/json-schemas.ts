import type { JsonSchema } from "./to-json-schema.js";

/** What makes the schemas is heavy, and comes when first asked for. */

/** JSON Schema (draft 2020-12) of what `groupconv audit --json` writes. */
export async function resultJsonSchema(): Promise<JsonSchema> {
  return (await import("./schema.js")).resultJsonSchema();
}

/** JSON Schema (draft 2020-12) of what `groupconv exam --json` writes. */
export async function examReportJsonSchema(): Promise<JsonSchema> {
  return (await import("./exam/schema.js")).examReportJsonSchema();
}

/** JSON Schema (draft 2020-12) of what `groupconv audit --exam --json` writes. */
export async function checkupJsonSchema(): Promise<JsonSchema> {
  return (await import("./checkup/schema.js")).checkupJsonSchema();
}
