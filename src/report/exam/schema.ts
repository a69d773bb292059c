import * as z from "zod"; // the named import `z` would bring every language of its messages along
import { type JsonSchema, toJsonSchema } from "../to-json-schema.js";
import { askSchema } from "./schema-ask.js";
import { listenSchema } from "./schema-listen.js";
import { lookSchema } from "./schema-look.js";
import { count, list, names, record, sizes } from "./schema-parts.js";
import { pulseSchema } from "./schema-pulse.js";

/**
 * The shape of an {@link ExamReport} as a checker, for reports that come from a file or another program.
 * Strict, as that of a result is.
 */

const data = record({
  source: z.string(),
  synthetic: z.boolean(),
  seed: z.number().nullable(),
  samples: count,
  inputs: list(
    record({ name: z.string(), dtype: z.string(), shape: sizes, perSample: z.boolean() }),
  ),
  skipped: list(record({ name: z.string(), reason: z.string() })),
  leftOver: count,
});

const exam = record({
  id: z.string(),
  title: z.string(),
  status: z.enum(["done", "failed"]),
  reason: z.string().nullable(),
  elapsedMs: z.number().nonnegative(),
});

const check = record({
  exam: z.string(),
  id: z.string(),
  title: z.string(),
  failureTitle: z.string(),
  why: z.string(),
  status: z.enum(["passed", "failed", "not-applicable"]),
  reason: z.string().nullable(),
  seedRows: names,
  findings: count,
});

const finding = record({
  exam: z.string(),
  check: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  node: z.string(),
  messageId: z.string(),
  message: z.string(),
  advice: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), sizes])).readonly(),
  groups: z.number(),
  channelsPerGroup: z.number(),
  suggestedGroups: z.number().nullable(),
  evidence: record({
    level: z.enum(["specification", "runtime", "measured", "published", "heuristic", "disputed"]),
    source: z.string(),
  }),
  seedRows: names,
});

/** Checks one report; its inferred type is `ExamReport`, field for field. */
export const examReportSchema = record({
  schemaVersion: z.literal(1),
  tool: record({ name: z.literal("groupconv"), version: z.string() }),
  model: z.string(),
  data,
  exams: list(exam),
  sections: record({
    look: lookSchema.optional(),
    listen: listenSchema.optional(),
    ask: askSchema.optional(),
    pulse: pulseSchema.optional(),
  }),
  checks: list(check),
  findings: list(finding),
  notes: names,
});

/** The same as a JSON Schema (draft 2020-12). */
export function examReportJsonSchema(): JsonSchema {
  return toJsonSchema("groupconv exam report, version 1", examReportSchema);
}
