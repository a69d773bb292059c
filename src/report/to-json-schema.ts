import * as z from "zod";

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Record<string, unknown>;

/** Names of the parts that stand under `$defs`. */
export type SchemaNames = z.core.$ZodRegistry<{ id: string }>;

/** A checker as a JSON Schema, for programs in other languages. */
export function toJsonSchema(
  title: string,
  checker: z.ZodType,
  names: SchemaNames = z.registry(),
): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(checker, { metadata: names });
  return { $schema, title, ...schema };
}
