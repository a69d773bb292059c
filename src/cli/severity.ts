/** Worst first. */
export const SEVERITY_NAMES = ["error", "warning", "info"] as const;

/** What makes a run fail: a finding of this severity or worse. */
export const FAIL_ON = [...SEVERITY_NAMES, "never"] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** Of a finding what decides whether a run fails: an audit's and an exam's alike. */
export interface Graded {
  readonly severity: (typeof SEVERITY_NAMES)[number];
}

export function reaches(findings: readonly Graded[], failOn: FailOn): boolean {
  if (failOn === "never") return false;
  const limit = SEVERITY_NAMES.indexOf(failOn);
  return findings.some(({ severity }) => SEVERITY_NAMES.indexOf(severity) <= limit);
}
