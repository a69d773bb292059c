import type { Finding } from "../../src/audits/index.js";
import type { Trial, Verdict } from "./trial.js";

/** How many planted faults were found. */
export interface Recall {
  readonly name: string;
  readonly planted: number;
  /** Under `golden-rules`. */
  readonly found: number;
  /** Under `recommended`: at all, and as a warning or an error. */
  readonly shown: number;
  readonly loud: number;
}

export function recallOf(name: string, trials: readonly Trial[]): Recall {
  return {
    name,
    planted: trials.length,
    found: trials.filter(({ found }) => found).length,
    shown: trials.filter(({ recommended }) => recommended !== null).length,
    loud: trials.filter(({ recommended }) => recommended !== null && recommended !== "info").length,
  };
}

/** What the errors and warnings under `recommended` were, on spoilt networks and on untouched ones. */
export interface Precision {
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Errors and warnings on untouched networks, where nothing was planted: each counts as false. */
  readonly controls: number;
  /**
   * Share of what was planted or a consequence. What was there before is the controls', and counted there
   * once.
   */
  readonly share: number;
}

export function precisionOf(trials: readonly Trial[], controls: readonly Finding[]): Precision {
  const counts = { planted: 0, consequence: 0, "there before": 0, other: 0 };
  for (const { loud } of trials) for (const { verdict } of loud) counts[verdict]++;
  const right = counts.planted + counts.consequence;
  const judged = right + counts.other + controls.length;
  return { counts, controls: controls.length, share: judged === 0 ? 1 : right / judged };
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
