import type { ConvolutionRow, Finding } from "../audits/result.js";
import { count } from "../util/text.js";

/** Numbers and shapes as people read them, the same in every renderer. */

export const MISSING = "–";

const UNITS = ["", " K", " M", " G", " T", " P"];

/** Three significant digits and a unit of a thousand: `1.14 G`, `512`, `36.9 K`; `–` for null. */
export function compact(n: number | null): string {
  if (n === null) return MISSING;
  let unit = 0;
  let rest = n;
  // 999.5 would be shown as 1000 of the smaller unit.
  while (Math.abs(rest) >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  const digits = unit === 0 || rest >= 999.5 ? rest.toFixed(0) : rest.toPrecision(3);
  return `${digits}${UNITS[unit]}`;
}

/** `24 %`; `< 1 %` for what is there and small; `–` when there is no whole. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return MISSING;
  const share = (100 * part) / whole;
  if (share > 0 && share < 1) return "< 1 %";
  return `${Math.round(share)} %`;
}

/** `[1, 3, 320, 320]`; `–` for null. */
export function shapeText(shape: readonly number[] | null): string {
  return shape === null ? MISSING : `[${shape.join(", ")}]`;
}

/** Kernel, and the stride when it is not 1: `3×3`, `3×3 /2`, `3×3 /2×1`. */
export function kernelText({ kernel, strides }: ConvolutionRow): string {
  const size = kernel.join("×");
  if (strides.every((stride) => stride === 1)) return size;
  const same = strides.every((stride) => stride === strides[0]);
  return `${size} /${same ? strides[0] : strides.join("×")}`;
}

/** `4`, or `< 1` when there are more groups than channels. */
export function channelsPerGroupText(channelsPerGroup: number): string {
  return channelsPerGroup < 1 ? "< 1" : String(channelsPerGroup);
}

/** Both names of the knob at once: `32 groups × 4 channels`. */
export function groupsText({
  groups,
  channelsPerGroup,
}: Pick<Finding, "groups" | "channelsPerGroup">): string {
  const channels = channelsPerGroup < 1 ? "under 1 channel" : count(channelsPerGroup, "channel");
  return `${count(groups, "group")} × ${channels}`;
}

/** Where the groups of a convolution meet, in a few words; holds a node's name as the model has it. */
export function mixingText({
  kind,
  mixing: { status, mixedBy, separateParts },
}: ConvolutionRow): string {
  if (kind === "dense") return MISSING;
  switch (status) {
    case "dense":
      return MISSING;
    case "mixed":
      return mixedBy ?? "mixed";
    case "gain":
      return mixedBy === null ? "gain only" : `gain only: ${mixedBy}`;
    case "separate":
      return `never: ${separateParts} parts`;
    case "unknown":
      return "unknown";
  }
}

/** The kernel a target runs; a question mark when the runtime's own graph says otherwise. */
export function fastPathText({ fastPath: { path, confirmed } }: ConvolutionRow): string {
  return confirmed === false ? `${path}?` : path;
}
