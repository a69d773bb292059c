import { configurationKey } from "../../../src/exams/ask/configuration.js";
import type { ConfigurationSweep, SweepSection } from "../../../src/exams/index.js";
import { spearman } from "../../../src/util/statistics.js";

/** Two sweeps of one configuration. */
export interface Repeat {
  readonly first: ConfigurationSweep;
  readonly second: ConfigurationSweep;
  /** Rank correlation of the median times over group counts. */
  readonly rankCorrelation: number;
  /** The same of the ranks that the report gives, where counts that are not told apart share one; NaN where all do. */
  readonly withTies: number;
  /** Pairs of counts that both sweeps tell apart. */
  readonly toldApart: number;
  /** Of these, those that they have the other way round. */
  readonly contrary: number;
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
      ({ configuration, ms }) => configuration === i && ms.median > LEAST_MS,
    );
    if (!other || !isLong || one.counts.length < 3) return [];
    const times = [one, other].map(({ counts }) => counts.map(({ ms }) => ms.median));
    const ranks = [one, other].map(({ counts }) => counts.map(({ rank }) => rank));
    const pairs = one.counts.flatMap((a, i) =>
      one.counts.flatMap((b, j) => {
        const isTold = [one, other].every(({ counts }) => !counts[i].ties.includes(b.groups));
        if (j <= i || !isTold) return [];
        return [Math.sign(a.ms.median - b.ms.median) === Math.sign(times[1][i] - times[1][j])];
      }),
    );
    return [
      {
        first: one,
        second: other,
        rankCorrelation: spearman(times[0], times[1]),
        withTies: spearman(ranks[0], ranks[1]),
        toldApart: pairs.length,
        contrary: pairs.filter((agrees) => !agrees).length,
      },
    ];
  });
}
