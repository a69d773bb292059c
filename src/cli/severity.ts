/** Worst first. */
export const SEVERITY_NAMES = ["error", "warning", "info"] as const;

/** What makes a run fail: a finding of this severity or worse. */
export const FAIL_ON = [...SEVERITY_NAMES, "never"] as const;
