import { configurationKey } from "../../../src/exams/ask/configuration.js";
import type { ConfigurationSweep, SweepSection } from "../../../src/exams/index.js";
import { spearman } from "../../../src/util/statistics.js";

/** Two sweeps of one configuration. */
export interface Repeat {
  readonly first: ConfigurationSweep;
  readonly second: ConfigurationSweep;
  /** Rank correlation of the times over group counts. */
  readonly rankCorrelation: number;
}

/** Shorter layers are as much the clock's. */
export const LEAST_MS = 0.1;

/** Configurations that both sweeps reached, with layers over 0.1 ms and counts enough to be ranked. */
export function compareSweeps(first: SweepSection, second: SweepSection): Repeat[] {
  const others = new Map(
    second.configurations.map((sweep) => [configurationKey(sweep.configuration), sweep]),
  );
  return first.configurations.flatMap((one, i) => {
    const other = others.get(configurationKey(one.configuration));
    const isLong = first.layers.some(
      ({ configuration, ms }) => configuration === i && ms > LEAST_MS,
    );
    if (!other || !isLong || one.counts.length < 3) return [];
    const times = [one, other].map(({ counts }) => counts.map(({ ms }) => ms.median));
    return [{ first: one, second: other, rankCorrelation: spearman(times[0], times[1]) }];
  });
}
