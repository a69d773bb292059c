import { z } from "zod";
import { ROLE_NAMES } from "../analysis/index.js";
import { audits, PRESETS } from "../audits/index.js";
import { TARGET_IDS, TASKS } from "../groups/index.js";
import { RENDER_FORMATS } from "../report/index.js";
import { describeIssue, type KnownKeys } from "./describe-issue.js";
import { FAIL_ON, SEVERITY_NAMES } from "./severity.js";

const auditIds = audits.map((audit) => audit.id) as [string, ...string[]];

const configSchema = z.strictObject({
  task: z.enum(TASKS).optional(),
  target: z.enum(TARGET_IDS).optional(),
  preset: z.enum(PRESETS).optional(),
  format: z.enum(RENDER_FORMATS).optional(),
  failOn: z.enum(FAIL_ON).optional(),
  /** Shapes of inputs the model leaves open, by name. */
  inputs: z.record(z.string(), z.array(z.number().int().positive())).optional(),
  /** Roles by name pattern, such as `{ pattern: "backbone.*", role: "body" }`. */
  roles: z.array(z.strictObject({ pattern: z.string(), role: z.enum(ROLE_NAMES) })).optional(),
  /** Severity of single audits; `off` silences one. */
  audits: z.partialRecord(z.enum(auditIds), z.enum([...SEVERITY_NAMES, "off"])).optional(),
});

/** What `groupconv.config.{json,js,mjs,ts}` may say; flags win over it. */
export type Config = z.infer<typeof configSchema>;

/** Reads a configuration; problems say the key and the nearest valid one. */
export function checkConfig(value: unknown): { config: Config; problems: string[] } {
  const parsed = configSchema.safeParse(value);
  return parsed.success
    ? { config: parsed.data, problems: [] }
    : {
        config: {},
        problems: parsed.error.issues.map((issue) => describeIssue(issue, KNOWN_KEYS)),
      };
}

const KNOWN_KEYS: KnownKeys = {
  "": Object.keys(configSchema.shape),
  roles: ["pattern", "role"],
  audits: auditIds,
};
