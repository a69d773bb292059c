import { count } from "../../util/text.js";
import { MISSING } from "../format.js";
import type { Column } from "./column.js";
import type { ExamSections } from "./digest.js";
import { withDeviation, withQuartiles } from "./spread-text.js";

export type Pulse = NonNullable<ExamSections["pulse"]>;
export type PulseLayer = Pulse["layers"][number];
export type Trial = PulseLayer["trials"][number];

/** A trial, and the layer it was made on. */
export interface TrialRow {
  readonly layer: PulseLayer;
  readonly trial: Trial;
}

const BAR_CELLS = 12;
/** Errors from here to 1 fill the bar, by their logarithm. */
const LEAST_ERROR = 1e-4;

/** All trials, those that changed the outputs most first. */
export function trialRows({ layers }: Pulse): TrialRow[] {
  return layers
    .flatMap((layer) => layer.trials.map((trial) => ({ layer, trial })))
    .sort((a, b) => (worstError(b.trial) ?? 0) - (worstError(a.trial) ?? 0));
}

/** Of the output that changed most; null where every output was 0 before. */
export function worstError(trial: Trial): number | null {
  return worstOutput(trial)?.relativeError ?? null;
}

function worstOutput({ outputs }: Trial): Trial["outputs"][number] | undefined {
  const known = outputs.filter(({ relativeError }) => relativeError !== null);
  return known.sort((a, b) => b.relativeError! - a.relativeError!)[0];
}

/** `12.34 % (9.1 to 15)`: the error, and where half of the samples lie. */
export function errorWithQuartiles(trial: Trial): string {
  const { relativeErrorSpread = null } = worstOutput(trial) ?? {};
  return withQuartiles(errorText(worstError(trial)), relativeErrorSpread, briefPercents);
}

/** `75 % (41 to 93)`: of the output that agrees least, and where that share lies; null without one. */
export function agreementText({ outputs }: Trial): string | null {
  const [least] = outputs
    .flatMap(({ top1Agreement: share, top1AgreementInterval: interval }) =>
      share === null || interval === null ? [] : [{ share, interval }],
    )
    .sort((a, b) => a.share - b.share);
  if (!least) return null;
  const [low, high] = least.interval.map((end) => (100 * end).toFixed(0));
  return `${shareText(least.share)} (${low} to ${high})`;
}

export const PULSE_COLUMNS: readonly Column<TrialRow>[] = [
  { title: "layer", align: "left", text: ({ layer }) => layer.name, isName: true },
  {
    title: "G",
    align: "left",
    text: ({ layer, trial }) => `${layer.groups} → ${trial.groups}`,
  },
  {
    title: "way",
    align: "left",
    text: ({ trial }) => trial.way,
    legend:
      "way: cut drops the kernels between the new groups, reordered sorts channels before it does, fitted puts a 1x1 convolution beside it, ungroup makes it dense and computes the same",
  },
  {
    title: "error",
    align: "right",
    text: ({ trial }) => errorWithQuartiles(trial),
    legend:
      "error: of the output that changed most, norm of the difference over the norm of what it was, and in brackets where half of the samples lie, in percent",
  },
  {
    title: "0.01 to 100 %",
    align: "left",
    text: ({ trial }) => bar(trial),
    isDrawn: true,
    leaves: 4,
    legend: "bar: its digits before 100 %, from 0.01 %",
  },
  {
    title: "top-1 same",
    align: "right",
    text: ({ trial }) => agreementText(trial) ?? MISSING,
    leaves: 1,
    legend:
      "top-1 same: samples whose largest score stayed the largest, and in brackets where their share lies to 95 %",
  },
  {
    title: "kept",
    align: "right",
    text: ({ trial }) => shareText(trial.keptEnergy),
    leaves: 3,
    legend: "kept: share of the weights' energy within the new groups",
  },
  {
    title: "MACs",
    align: "right",
    text: ({ layer, trial }) =>
      trial.macs === null || !layer.macs ? MISSING : `x${(trial.macs / layer.macs).toFixed(2)}`,
    leaves: 2,
    legend: "MACs: of the layer, over before",
  },
  {
    title: "time",
    align: "right",
    text: ({ trial: { latency } }) => (latency.ratio === null ? MISSING : ratioText(latency.ratio)),
    legend: "time: of the whole network, over before, median and quartiles of the pairs of runs",
  },
  {
    title: "next |r|",
    align: "left",
    text: ({ trial }) => neighbours(trial),
    leaves: 5,
    legend:
      "next |r|: mean between channels of the next layer, ± standard deviation, before and after",
  },
];

/** In percent, as few digits as tell: `0 %`, `4e-5 %`, `12.34 %`. */
export function errorText(error: number | null): string {
  if (error === null) return MISSING;
  if (error === 0) return "0 %";
  const percents = 100 * error;
  return `${error < LEAST_ERROR ? percents.toExponential(0) : percents.toFixed(2)} %`;
}

/** Percents at the ends of a range. */
function briefPercents(error: number): string {
  const percents = 100 * error;
  if (error === 0) return "0";
  return error < LEAST_ERROR ? percents.toExponential(0) : String(Number(percents.toPrecision(2)));
}

function ratioText(ratio: NonNullable<Trial["latency"]["ratio"]>): string {
  return withQuartiles(`x${ratio.median.toFixed(2)}`, ratio, (n) => n.toFixed(2));
}

/** What the numbers of the table are of: `12 samples; times of 4 pairs of runs`. */
export function pulseSpreadText({ samples, layers }: Pulse): string {
  const pairs = new Set(
    layers.flatMap(({ trials }) => trials.flatMap(({ latency }) => latency.ratio?.samples ?? [])),
  );
  const times = pairs.size > 0 ? `; times of ${Math.max(...pairs)} pairs of runs` : "";
  return `${count(samples, "sample")}${times}`;
}

function shareText(share: number | null): string {
  return share === null ? MISSING : `${(100 * share).toFixed(0)} %`;
}

function bar({ outputs, ...trial }: Trial): string {
  const error = worstError({ outputs, ...trial });
  const share = error === null || error <= 0 ? 0 : 1 - Math.log(error) / Math.log(LEAST_ERROR);
  const filled = Math.round(BAR_CELLS * Math.min(1, Math.max(0, share)));
  return "█".repeat(filled) + "·".repeat(BAR_CELLS - filled);
}

/** Of the next layer whose channels changed most beside each other: `0.21 ±0.10 → 0.34 ±0.12`. */
function neighbours({ next }: Trial): string {
  const moved = next
    .flatMap(({ meanAbsRBefore, sdAbsRBefore, meanAbsRAfter, sdAbsRAfter }) =>
      meanAbsRBefore === null || meanAbsRAfter === null
        ? []
        : [
            {
              by: Math.abs(meanAbsRAfter - meanAbsRBefore),
              text: `${withDeviation(meanAbsRBefore, sdAbsRBefore!)} → ${withDeviation(meanAbsRAfter, sdAbsRAfter!)}`,
            },
          ],
    )
    .sort((a, b) => b.by - a.by);
  return moved[0]?.text ?? MISSING;
}
