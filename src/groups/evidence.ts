/** How well a claim is supported; every rule, reason and finding carries one. */

/**
 * - `specification`: the text of a standard says so.
 * - `runtime`: a condition documented by a runtime, or read in its source or its optimised graph.
 * - `measured`: measured in this run, on this machine.
 * - `published`: a paper's table, or numbers posted by others.
 * - `heuristic`: a rule of thumb; nobody we know of has shown it.
 * - `disputed`: published evidence speaks against it.
 */
export type EvidenceLevel =
  | "specification"
  | "runtime"
  | "measured"
  | "published"
  | "heuristic"
  | "disputed";

export interface Evidence {
  level: EvidenceLevel;
  /** A citation or URL a reader can follow. */
  source: string;
}

/** A row of the requirements table that a rule answers to. */
export type SeedRow = `S${number}`;

/** A rule of thumb from one section of the seed text. */
export function seedHeuristic(section: string): Evidence {
  return { level: "heuristic", source: `seed text, ${section}` };
}
