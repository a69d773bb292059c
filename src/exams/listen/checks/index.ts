import { type AnyCheck, type CheckOutcome, runCheck } from "../../check.js";
import type { ListenSection } from "../section.js";
import { starvedGroups } from "./starved-groups.js";

/** Every reading of listen's numbers. */
export const checks: readonly AnyCheck<ListenSection>[] = [starvedGroups];

export function listenChecks(section: ListenSection): CheckOutcome[] {
  return checks.map((check) => runCheck("listen", check, section));
}
