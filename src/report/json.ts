import type { ZodError, ZodType } from "zod";
import type { Result } from "../audits/result.js";
import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";

const PROBLEMS_SHOWN = 3;

/** The result as JSON text, indented by two spaces, ending in a newline; `parseResult` reads it back. */
export function renderJson(result: Result): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

/**
 * A result read back from JSON text, checked field by field.
 *
 * @throws FormatError if the text is no JSON, or breaks `resultSchema`; it names the fields.
 */
export async function parseResult(json: string): Promise<Result> {
  const { resultSchema } = await import("./schema.js"); // heavy, and writing needs none of it
  return parseChecked("result", json, resultSchema);
}

/** JSON text as a schema has it. @param what For the error. */
export function parseChecked<T>(what: string, json: string, schema: ZodType<T>): T {
  const checked = schema.safeParse(parseJson(what, json));
  if (checked.success) return checked.data;
  throw new FormatError(`${what}: ${describe(checked.error)}`, {
    help: "Write it with `--json`, and read it with the version of groupconv that wrote it.",
    cause: checked.error,
  });
}

function parseJson(what: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new FormatError(`${what}: not JSON: ${printable(String(cause))}`, { cause });
  }
}

function describe({ issues }: ZodError): string {
  const shown = issues
    .slice(0, PROBLEMS_SHOWN)
    .map(({ path, message }) => printable(`${path.join(".") || "the whole"}: ${message}`));
  const more = issues.length - shown.length;
  return shown.join("; ") + (more > 0 ? `; and ${more} more` : "");
}
