import { channelsPerGroupText, MISSING, percent } from "../format.js";
import type { Column } from "./column.js";
import type { Look } from "./digest.js";

export type LookLayer = Look["layers"][number];

const BAR_CELLS = 12;

/** Layers worth a row in a short table: those with findings, and those of several groups of channels. */
export function notableLookLayers(
  { layers }: Look,
  found: ReadonlySet<string>,
): readonly LookLayer[] {
  return layers.filter(({ name, kind }) => kind === "grouped" || found.has(name));
}

export const LOOK_COLUMNS: readonly Column<LookLayer>[] = [
  { title: "layer", align: "left", text: ({ name }) => name, isName: true },
  { title: "kind", align: "left", text: ({ kind }) => kind, leaves: 5 },
  { title: "G", align: "right", text: ({ groups }) => String(groups) },
  {
    title: "C/G",
    align: "right",
    text: ({ channelsPerGroup }) => channelsPerGroupText(channelsPerGroup),
    leaves: 3,
  },
  {
    title: "mean |r|",
    align: "right",
    text: ({ output: { meanAbsR, sdAbsR } }) =>
      meanAbsR === null ? MISSING : `${fixed(meanAbsR)} ±${fixed(sdAbsR)}`,
    legend:
      "mean |r|: over pairs of channels of what the convolution writes, ± their standard deviation",
  },
  {
    title: "0 to 1",
    align: "left",
    text: bar,
    isDrawn: true,
    legend: "shaded in the bar: where healthy layers of its kind are",
  },
  {
    title: "healthy",
    align: "left",
    text: ({ output: { referenceBand: band } }) =>
      band === null ? MISSING : `${fixed(band.low)} to ${fixed(band.high)}`,
    leaves: 6,
    legend: "healthy: where layers of its kind are in models in production",
  },
  {
    title: "within",
    align: "right",
    text: (layer) => ofGroups(layer, "withinGroupsAbsR"),
    legend: "within, across: the same within its groups and across them",
  },
  { title: "across", align: "right", text: (layer) => ofGroups(layer, "acrossGroupsAbsR") },
  {
    title: "rank",
    align: "right",
    text: rank,
    leaves: 1,
    legend: "rank: how many channels would say as much",
  },
  {
    title: "dead",
    align: "right",
    text: ({ output, after, outChannels }) =>
      share((after ?? output).deadChannels.length, outChannels),
    legend: "dead: constant behind norm and activation",
  },
  {
    title: "copies",
    align: "right",
    text: ({ output, outChannels }) => share(output.duplicateChannels.length, outChannels),
    leaves: 2,
    legend: "copies: |r| of 0.99 or more with an earlier channel",
  },
];

/** Mean |r| as a bar, shaded where the reference band is: `███▓▓░░·····`. */
function bar({ output: { meanAbsR, referenceBand } }: LookLayer): string {
  if (meanAbsR === null) return "";
  return Array.from({ length: BAR_CELLS }, (_, cell) => {
    const middle = (cell + 0.5) / BAR_CELLS;
    const isFilled = middle <= meanAbsR;
    const isHealthy =
      referenceBand !== null && middle >= referenceBand.low && middle <= referenceBand.high;
    if (isHealthy) return isFilled ? "▓" : "░";
    return isFilled ? "█" : "·";
  }).join("");
}

/** Of layers of several groups of several channels; for others it is the mean over all pairs, or over none. */
function ofGroups({ output }: LookLayer, field: "withinGroupsAbsR" | "acrossGroupsAbsR"): string {
  const hasBoth = output.withinGroupsAbsR !== null && output.acrossGroupsAbsR !== null;
  return hasBoth ? fixed(output[field]) : MISSING;
}

/** Channels' worth of independent signal, of how many channels. */
function rank({ output: { effectiveRank, participation }, outChannels }: LookLayer): string {
  if (effectiveRank !== null) return `${effectiveRank.toFixed(1)} of ${outChannels}`;
  return participation === null ? MISSING : `≥ ${participation.toFixed(1)} of ${outChannels}`;
}

function share(part: number, whole: number): string {
  return part === 0 ? "0" : `${part} (${percent(part, whole)})`;
}

function fixed(r: number | null): string {
  return r === null ? MISSING : r.toFixed(2);
}
