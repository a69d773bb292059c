import type { Convolution } from "../analysis/index.js";
import { groupsProblem } from "../groups/index.js";

/** Can a runtime run it? What cannot has findings of its own, and no other audit judges its groups. */
export function isSound({
  inChannels,
  weightInChannels,
  outChannels,
  groups,
}: Convolution): boolean {
  return inChannels === weightInChannels && groupsProblem(groups, inChannels, outChannels) === null;
}

/** Several groups of several channels each, and sound: neither dense nor depthwise. */
export function isGrouped(convolution: Convolution): boolean {
  return convolution.kind === "grouped" && isSound(convolution);
}

/** The reason of audits that look at grouped layers only; null when there are some. */
export function noneGrouped(convolutions: readonly Convolution[]): string | null {
  return convolutions.some(isGrouped) ? null : "no convolution has groups of several channels";
}

/** "a, b, c and 4 more" */
export function nameList(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
