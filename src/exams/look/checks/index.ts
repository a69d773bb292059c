import { type AnyCheck, type CheckOutcome, runCheck } from "../../check.js";
import type { LookSection } from "../section.js";
import { collapsedSignal } from "./collapsed-signal.js";
import { deadChannels } from "./dead-channels.js";
import { driftingNorm } from "./drifting-norm.js";
import { isolatedGroups } from "./isolated-groups.js";
import { redundantChannels } from "./redundant-channels.js";

/** Every reading of look's numbers, worst first. */
export const checks: readonly AnyCheck<LookSection>[] = [
  collapsedSignal,
  isolatedGroups,
  deadChannels,
  driftingNorm,
  redundantChannels,
];

export function lookChecks(section: LookSection): CheckOutcome[] {
  return checks.map((check) => runCheck("look", check, section));
}
