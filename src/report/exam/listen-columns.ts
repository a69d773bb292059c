import { count, printable } from "../../util/text.js";
import { MISSING } from "../format.js";
import type { Column } from "./column.js";
import type { ExamSections } from "./digest.js";

export type Listen = NonNullable<ExamSections["listen"]>;
export type ListenLayer = Listen["layers"][number];

/** Heights of a bar of one cell. */
const HEIGHTS = "▁▂▃▄▅▆▇█";
const MOST_BARS = 16;

/** Layers worth a row in a short table: those with findings, and those of several groups of channels. */
export function notableListenLayers(
  { layers }: Listen,
  found: ReadonlySet<string>,
): readonly ListenLayer[] {
  return layers.filter(
    ({ name, groups, channelsPerGroup }) => (groups > 1 && channelsPerGroup > 1) || found.has(name),
  );
}

export const LISTEN_COLUMNS: readonly Column<ListenLayer>[] = [
  { title: "layer", align: "left", text: ({ name }) => name, isName: true },
  { title: "G", align: "right", text: ({ groups }) => String(groups) },
  {
    title: "elasticity",
    align: "right",
    text: ({ elasticity }) => amountText(elasticity),
    legend:
      "elasticity: how much the target changes, to first order, when the layer's whole output changes by its own size",
  },
  {
    title: "to next",
    align: "right",
    text: ({ ratioToNext }) => (ratioToNext === null ? MISSING : `x${amountText(ratioToNext)}`),
    legend: "to next: that over the same of the layers behind",
  },
  {
    title: "rms at output",
    align: "right",
    text: ({ output }) => amountText(output.rms),
    leaves: 2,
    legend: "rms at output: of a sample's gradient at what the convolution writes",
  },
  {
    title: "at weight",
    align: "right",
    text: ({ weight }) => amountText(weight.rms),
    leaves: 3,
    legend: "at weight: rms of a batch's gradient there",
  },
  {
    title: "shares",
    align: "left",
    text: bars,
    isDrawn: true,
    leaves: 5,
    legend: "shares: a bar a group, the largest as high as the line",
  },
  {
    title: "least, most",
    align: "right",
    text: extremes,
    legend: "least, most: the quietest and the loudest group, as parts of an equal share",
  },
  {
    title: "dead",
    align: "right",
    text: ({ deadGroups }) => String(deadGroups.length),
    legend: "dead: groups that no gradient comes back to",
  },
  {
    title: "across",
    align: "right",
    text: ({ dense }) =>
      dense === null || dense.withinRms === 0
        ? MISSING
        : `x${(dense.acrossRms / dense.withinRms).toFixed(2)}`,
    leaves: 1,
    legend:
      "across: gradient at the kernels between its groups that a dense layer would have, over that at its own",
  },
];

/** What the gradients are of, and over how many samples: `mean of y, over 12 samples in batches of 4`. */
export function targetText({ target: { values, label }, samples, batchSize }: Listen): string {
  const of = values.map((name) => printable(name)).join(" and of ");
  const at = label === null ? "" : ` at index ${label} of axis 1`;
  return `mean of ${of}${at}, over ${count(samples, "sample")} in batches of ${batchSize}`;
}

export function amountText(value: number): string {
  if (value === 0) return "0";
  return value >= 0.01 && value < 1000
    ? String(Number(value.toPrecision(3)))
    : value.toExponential(1);
}

function bars({ perGroup: { outputShare }, groups }: ListenLayer): string {
  if (outputShare === null || groups === 1 || groups > MOST_BARS) return "";
  const most = Math.max(...outputShare);
  return outputShare
    .map(
      (share) => HEIGHTS[Math.min(HEIGHTS.length - 1, Math.floor((share / most) * HEIGHTS.length))],
    )
    .join("");
}

/** The quietest and the loudest group, as parts of an equal share. */
function extremes({ perGroup: { outputShare }, groups }: ListenLayer): string {
  if (outputShare === null || groups === 1) return MISSING;
  const [least, most] = [Math.min(...outputShare), Math.max(...outputShare)];
  return `${(least * groups).toFixed(2)}, ${(most * groups).toFixed(2)}`;
}
