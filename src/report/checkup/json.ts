import { parseChecked } from "../json.js";
import type { Checkup } from "./checkup.js";

/**
 * Audits and exams in one document, read back from JSON text and checked field by field.
 *
 * @throws FormatError if the text is no JSON, or breaks `checkupSchema`; it names the fields.
 */
export async function parseCheckup(json: string): Promise<Checkup> {
  const { checkupSchema } = await import("./schema.js"); // heavy, and writing needs none of it
  return parseChecked("checkup", json, checkupSchema);
}
