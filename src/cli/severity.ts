/** Worst first. */
export const SEVERITY_NAMES = ["error", "warning", "info"] as const;

/** What makes a run fail: a finding of this severity or worse. */
export const FAIL_ON = [...SEVERITY_NAMES, "never"] as const;
export type FailOn = (typeof FAIL_ON)[number];

export function reaches(
  findings: readonly { readonly severity: (typeof SEVERITY_NAMES)[number] }[],
  failOn: FailOn,
): boolean {
  if (failOn === "never") return false;
  const limit = SEVERITY_NAMES.indexOf(failOn);
  return findings.some(({ severity }) => SEVERITY_NAMES.indexOf(severity) <= limit);
}
