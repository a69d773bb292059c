import type { z } from "zod";
import { nearestWord, printable } from "../util/text.js";

/** Keys of each object of a configuration; the whole has no name. */
export type KnownKeys = Readonly<Record<string, readonly string[]>>;

/** What is wrong with a configuration, with the nearest valid key or word. */
export function describeIssue(issue: z.core.$ZodIssue, knownKeys: KnownKeys): string {
  const at = issue.path.length > 0 ? `at ${issue.path.map(String).join(".")}: ` : "";
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys[String(issue.path[0] ?? "")] ?? [];
    return issue.keys
      .map((key) => {
        const all = known.length > 0 ? `; the keys are ${known.join(", ")}` : "";
        return `${at}unknown key "${printable(key)}"${didYouMean(key, known) || all}`;
      })
      .join("; ");
  }
  if (issue.code === "invalid_value") {
    const choices = issue.values.map(String);
    return `${at}must be one of ${choices.join(", ")}${didYouMean(String(issue.input), choices)}`;
  }
  return `${at}${issue.message}`;
}

function didYouMean(word: string, choices: readonly string[]): string {
  const near = nearestWord(word, choices);
  return near ? `; did you mean "${near}"?` : "";
}
