import { count, printable } from "../../util/text.js";
import { MISSING } from "../format.js";
import type { Column } from "./column.js";
import type { ExamSections } from "./digest.js";
import { withQuartiles } from "./spread-text.js";

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
    text: ({ elasticity, elasticitySpread }) =>
      withQuartiles(amountText(elasticity), elasticitySpread, brief),
    legend:
      "elasticity: how much the target changes, in its own unit and to first order, when the layer's whole output changes by its own size",
  },
  {
    title: "to next",
    align: "right",
    text: ({ ratioToNext, ratioToNextSpread }) =>
      ratioToNext === null
        ? MISSING
        : withQuartiles(`x${amountText(ratioToNext)}`, ratioToNextSpread, brief),
    legend: "to next: that over the same of the layers behind",
  },
  {
    title: "rms at output",
    align: "right",
    text: ({ output }) => withQuartiles(amountText(output.rms), output.rmsSpread, brief),
    leaves: 2,
    legend: "rms at output: of a sample's gradient at what the convolution writes",
  },
  {
    title: "at weight",
    align: "right",
    text: ({ weight }) => withQuartiles(amountText(weight.rms), weight.rmsSpread, brief),
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
    leaves: 0,
    legend:
      "least, most: the quietest and the loudest group, as parts of an equal share, and in brackets the least and the most that a group has in any one sample",
  },
  {
    title: "dead",
    align: "right",
    text: ({ deadGroups }) => String(deadGroups.length),
    legend: "dead: groups that no gradient comes back to",
  },
  {
    title: "to dense",
    align: "right",
    text: ({ dense }) =>
      dense === null || dense.ratio === null
        ? MISSING
        : withQuartiles(`x${dense.ratio.toFixed(2)}`, dense.ratioSpread, (n) => n.toFixed(2)),
    leaves: 1,
    legend:
      "to dense: gradient at its own kernels over that at all the kernels that a dense layer would have",
  },
];

/** What the gradients are of, and over how many samples: `mean of y, over 12 samples in 3 batches of up to 4`. */
export function targetText({ target: { values, label }, samples, batchSize }: Listen): string {
  const of = values.map((name) => printable(name)).join(" and of ");
  const at = label === null ? "" : ` at index ${label} of axis 1`;
  const batches = Math.ceil(samples / batchSize);
  const within =
    batches === 1
      ? "1 batch"
      : `${batches} batches of ${batchSize === 1 ? "" : "up to "}${batchSize}`;
  return `mean of ${of}${at}, over ${count(samples, "sample")} in ${within}`;
}

/** What the brackets of the table hold. */
export function listenSpreadText({ samples, batchSize }: Listen): string {
  if (samples === 1) return "none, of a single sample";
  const batches = Math.ceil(samples / batchSize);
  const weights =
    batches === 1
      ? "a weight's gradient, of one batch, has none"
      : `of the ${batches} batches at weights`;
  return `in brackets, where half of the ${samples} samples lie; ${weights}`;
}

export function amountText(value: number, digits = 3): string {
  if (value === 0) return "0";
  return value >= 0.01 && value < 1000
    ? String(Number(value.toPrecision(digits)))
    : value.toExponential(1);
}

/** As the ends of a range have it. */
function brief(value: number): string {
  return amountText(value, 2);
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

/** The quietest and the loudest group, as parts of an equal share: `0.20, 1.96 (0.15 to 2.31)`. */
function extremes({ perGroup, groups, output }: ListenLayer): string {
  const { outputShare, outputShareLeast, outputShareMost } = perGroup;
  if (outputShare === null || groups === 1) return MISSING;
  const part = (share: number) => (share * groups).toFixed(2);
  const text = `${part(Math.min(...outputShare))}, ${part(Math.max(...outputShare))}`;
  if (!outputShareLeast || !outputShareMost || output.rmsSpread.samples < 2) return text;
  return `${text} (${part(Math.min(...outputShareLeast))} to ${part(Math.max(...outputShareMost))})`;
}
