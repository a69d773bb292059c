import { count } from "../../util/text.js";
import type { Choice, LayerSweep, SweepSection } from "./section.js";

/** Three significant digits: what a timing is good for. */
export function threeDigits(n: number): number {
  return Number(n.toPrecision(3));
}

/** What a finding says of the times of one group count: `0.5 ms (0.49 to 0.52)`, median and quartiles. */
export function timeText(sweep: SweepSection, layer: LayerSweep, groups: number): string {
  const { counts } = sweep.configurations[layer.configuration];
  const { median, low, high } = counts.find((one) => one.groups === groups)!.ms;
  return `${threeDigits(median)} ms (${threeDigits(low)} to ${threeDigits(high)})`;
}

/** `quartiles of 12 rounds`, and whether the ranking of all counts is settled. */
export function roundsText(sweep: SweepSection, { configuration }: LayerSweep): string {
  const { rounds, settled } = sweep.configurations[configuration];
  return `quartiles of ${count(rounds, "round")}${settled ? "" : ", the ranking unsettled"}`;
}

/** How much less a choice takes than the layer does now, or more where that is negative. */
export function savingOf({ differenceMs, noiseMs }: Choice) {
  const { median, low, high } = differenceMs;
  return {
    differenceMs: threeDigits(-median),
    differenceRange: `${threeDigits(-high)} to ${threeDigits(-low)}`,
    noiseMs: threeDigits(noiseMs),
  };
}
