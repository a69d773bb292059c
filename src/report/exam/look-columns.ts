import { channelsPerGroupText, MISSING, percent } from "../format.js";
import type { Column } from "./column.js";
import type { Look } from "./digest.js";
import { withDeviation, withQuartiles } from "./spread-text.js";

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
    text: ({ output: { meanAbsR, sdAbsR } }) => absR(meanAbsR, sdAbsR),
    legend:
      "mean |r|: over pairs of channels of what the convolution writes, ± their standard deviation",
  },
  {
    title: "n",
    align: "right",
    text: ({ output: { observations } }) => String(observations),
    leaves: 4,
    legend: "n: observations of each channel",
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
    text: ({ output }) => ofGroups(output, output.withinGroupsAbsR, output.sdWithinGroupsAbsR),
    legend: "within, across: the same within its groups and across them",
  },
  {
    title: "across",
    align: "right",
    text: ({ output }) => ofGroups(output, output.acrossGroupsAbsR, output.sdAcrossGroupsAbsR),
  },
  {
    title: "rank",
    align: "right",
    text: rank,
    leaves: 1,
    legend:
      "rank: how many channels would say as much, and in brackets what two halves of the samples give, or after ≥ the quartiles of the channels",
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
function ofGroups(
  { withinGroupsAbsR, acrossGroupsAbsR }: LookLayer["output"],
  mean: number | null,
  sd: number | null,
): string {
  const hasBoth = withinGroupsAbsR !== null && acrossGroupsAbsR !== null;
  return hasBoth ? absR(mean, sd) : MISSING;
}

/** Channels' worth of independent signal, of how many channels. */
function rank({ output, outChannels }: LookLayer): string {
  const { effectiveRank, effectiveRankHalves, participation, participationSpread } = output;
  const brief = (n: number) => n.toFixed(1);
  if (effectiveRank !== null) {
    const halves = effectiveRankHalves ? ` (${effectiveRankHalves.map(brief).join(", ")})` : "";
    return `${brief(effectiveRank)} of ${outChannels}${halves}`;
  }
  if (participation === null) return MISSING;
  return withQuartiles(`≥ ${brief(participation)} of ${outChannels}`, participationSpread, brief);
}

function share(part: number, whole: number): string {
  return part === 0 ? "0" : `${part} (${percent(part, whole)})`;
}

/** A mean of |r| and its deviation, which are there or not together. */
function absR(mean: number | null, sd: number | null): string {
  return mean === null || sd === null ? MISSING : withDeviation(mean, sd);
}

function fixed(r: number): string {
  return r.toFixed(2);
}
