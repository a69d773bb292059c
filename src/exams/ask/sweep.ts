import { RuntimeError } from "../../util/errors.js";
import { product, sum } from "../../util/math.js";
import { median } from "../../util/statistics.js";
import type { Bench, FixedTime, OpenContestant } from "./bench.js";
import { isRankingSettled } from "./compare.js";
import { type ConfiguredLayers, configurationKey } from "./configuration.js";
import { contextBytes } from "./context-bytes.js";
import { describeConfiguration, groupsOf } from "./kind.js";
import { timeInRounds } from "./rounds.js";
import type { Configuration, RefusedCount } from "./section.js";

/** The times of one configuration, as they were taken. */
export interface Timings {
  /** Every valid count that was not refused, ascending; dense is always among them. */
  readonly groups: readonly number[];
  readonly refused: readonly RefusedCount[];
  /** Of each round the time of every count, neighbours and call included, in ms. */
  readonly rounds: readonly (readonly number[])[];
  /** See {@link Bench.fixedTime}. */
  readonly fixed: FixedTime | null;
}

/** Timings kept beyond a sweep. One store is of one machine, target and number of threads. */
export interface SweepStore {
  load(key: string): Promise<Timings | null>;
  /** In place of what was kept under this key. */
  save(key: string, timings: Timings): Promise<void>;
}

export interface SweepProgress {
  /** What is being timed, for people. */
  readonly what: string;
  /** Configurations done, of how many. */
  readonly done: number;
  readonly total: number;
  /** Time left at most. */
  readonly leftMs: number;
}

export interface SweepConfigurationsOptions {
  readonly budgetMs: number;
  /** Most memory for the models of one configuration, which are open at once. Defaults to 1 GiB. */
  readonly memoryBytes?: number;
  readonly store?: SweepStore;
  /** Called before each timing; may wait, and may throw to give the sweep up. */
  readonly onProgress?: (progress: SweepProgress) => void | Promise<void>;
  /** The clock of the budget, in ms. Defaults to `performance.now`. */
  readonly now?: () => number;
}

export interface SweptConfiguration {
  readonly timings: Timings;
  readonly settled: boolean;
  readonly fromCache: boolean;
}

/** Why there are no times of a configuration. */
export interface Unswept {
  readonly reason: string;
}

const DEFAULT_MEMORY_BYTES = 2 ** 30;
/** Of a configuration, while others wait for the time, and with what they left. */
const MOST_ROUNDS = [60, 240] as const;
/** A configuration that was begun gets this many, out of the others' time. */
const LEAST_ROUNDS = 3;

/**
 * Times every valid group count of every configuration until the rankings are settled or the time is over.
 * Those whose layers have groups come first, then those that cost the model most; these get most, and what
 * one leaves goes to the others.
 *
 * @returns One entry a configuration: its times, or why there are none.
 */
export async function sweepConfigurations(
  configured: readonly ConfiguredLayers[],
  bench: Bench,
  options: SweepConfigurationsOptions,
): Promise<(SweptConfiguration | Unswept)[]> {
  const { budgetMs, store, onProgress, now = () => performance.now() } = options;
  const { memoryBytes = DEFAULT_MEMORY_BYTES } = options;
  const deadline = now() + budgetMs;
  const swept = new Map<ConfiguredLayers, SweptConfiguration>();
  const failed = new Map<ConfiguredLayers, Unswept>();
  /** What was refused for being lost is tried again by the next sweep: the machine may have been short of memory. */
  const lossy = new Set<ConfiguredLayers>();
  for (const one of configured) {
    const timings = await store?.load(configurationKey(one.configuration));
    if (timings && isWhole(timings, one.configuration))
      swept.set(one, { timings, settled: isRankingSettled(timings.rounds), fromCache: true });
  }
  const tooLarge = new Set<ConfiguredLayers>();
  for (const one of configured) {
    const bytes = contextBytes(one.configuration);
    if (bytes <= memoryBytes) continue;
    tooLarge.add(one); // what was kept of it is shown, and no more is taken
    if (!swept.has(one))
      failed.set(one, {
        reason: `its counts take about ${bytes} bytes, memoryBytes=${memoryBytes}`,
      });
  }
  const isOpen = (one: ConfiguredLayers) =>
    !swept.get(one)?.settled && !failed.has(one) && !tooLarge.has(one);
  const isFull = (one: ConfiguredLayers, mostRounds: number) =>
    (swept.get(one)?.timings.rounds.length ?? 0) >= mostRounds;
  const done = () => configured.filter((one) => !isOpen(one)).length;

  // The second time round, what was left over goes to those that are not settled.
  for (const [pass, mostRounds] of MOST_ROUNDS.entries()) {
    const open = configured
      .filter((one) => isOpen(one) && (pass === 0 || !isFull(one, mostRounds)))
      .sort((a, b) => Number(hasGroups(b)) - Number(hasGroups(a)) || weightOf(b) - weightOf(a));
    let weightLeft = sum(open.map(weightOf));
    for (const one of open) {
      const start = now();
      if (start >= deadline) break;
      const slice = (deadline - start) * (weightOf(one) / weightLeft);
      weightLeft -= weightOf(one);
      const known = swept.get(one)?.timings;
      const isStale = pass === 0 && isFull(one, mostRounds);
      const lost: RefusedCount[] = [];
      const work = timeConfiguration(one.configuration, bench, {
        // so many that did not settle were taken while the machine was at something else: another day, other weather
        earlier: isStale ? undefined : known,
        mostRounds,
        lost,
        isOver: (rounds) => now() >= (rounds < LEAST_ROUNDS ? deadline : start + slice),
        pause: async () => {
          const leftMs = Math.max(0, deadline - now());
          const what = describeConfiguration(one.configuration);
          await onProgress?.({ what, done: done(), total: configured.length, leftMs });
        },
      });
      const timings = await work.catch((error: unknown) => {
        if (!(error instanceof RuntimeError)) throw error;
        failed.set(one, { reason: error.message }); // this one; the others go on
        return null;
      });
      if (!timings) continue;
      const settled = isRankingSettled(timings.rounds);
      if (!settled && timings.rounds.length <= (known?.rounds.length ?? 0)) continue;
      swept.set(one, { timings, settled, fromCache: false });
      const isLost = ({ groups }: RefusedCount) => lost.some((loss) => loss.groups === groups);
      if (timings.refused.some(isLost)) lossy.add(one);
      if (!lossy.has(one)) await store?.save(configurationKey(one.configuration), timings);
    }
  }
  return configured.map((one) => swept.get(one) ?? failed.get(one) ?? BUDGET_ENDED);
}

const BUDGET_ENDED: Unswept = { reason: "the budget ended before it" };

interface TimeOptions {
  readonly earlier: Timings | undefined;
  readonly mostRounds: number;
  /** Counts over which the bench was lost, which are added to. */
  readonly lost: RefusedCount[];
  isOver(rounds: number): boolean;
  pause(): Promise<void>;
}

/**
 * What ended the browser as often by being made ready is refused, so that the others get their times; after one loss
 * more the configuration is given up, so that other configurations do.
 */
const MOST_LOSSES = 2;

/** Begins again, from the first count on, where one was lost that may have been lost by chance. */
async function timeConfiguration(
  configuration: Configuration,
  bench: Bench,
  options: TimeOptions,
): Promise<Timings> {
  for (;;) {
    const timings = await timeCounts(configuration, bench, options);
    if (timings) return timings;
  }
}

/** Null when a count other than the dense one was lost. */
async function timeCounts(
  configuration: Configuration,
  bench: Bench,
  { earlier, mostRounds, isOver, pause, lost }: TimeOptions,
): Promise<Timings | null> {
  const groups: number[] = [];
  const refused: RefusedCount[] = [...(earlier?.refused ?? [])];
  const contestants: OpenContestant[] = [];
  try {
    for (const count of earlier?.groups ?? groupsOf(configuration)) {
      if (isOver(0)) return earlier ?? NO_TIMINGS;
      const own = lost.filter(({ groups }) => groups === count);
      if (own.length === MOST_LOSSES) {
        refused.push({ groups: count, reason: `${MOST_LOSSES} times over: ${own[0].reason}` });
        continue;
      }
      await pause();
      try {
        contestants.push(await bench.open(configuration, count));
        groups.push(count);
      } catch (error) {
        // without the dense layer, or one that was timed before, there is nothing to hold others against
        if (!(error instanceof RuntimeError) || count === 1 || earlier) throw error;
        if (!bench.isLost) refused.push({ groups: count, reason: error.message });
        else if (lost.length === MOST_LOSSES) throw error;
        else {
          lost.push({ groups: count, reason: error.message });
          return null;
        }
      }
    }
    const { rounds } = await timeInRounds(contestants, {
      earlier: earlier?.rounds,
      isOver,
      isSettled: isRankingSettled,
      mostRounds,
      pause,
    });
    if (rounds.length === 0 || earlier?.fixed)
      return { groups, refused, rounds, fixed: earlier?.fixed ?? null };
    // The shorter the layer, the surer what is left of the whole beside it.
    const times = groups.map((_, i) => median(rounds.map((round) => round[i])));
    const shortestMs = Math.min(...times);
    const shortest = groups[times.indexOf(shortestMs)];
    const fixed = await bench.fixedTime(configuration, shortest, shortestMs);
    const isPlausible = fixed !== null && fixed.ms < shortestMs;
    return { groups, refused, rounds, fixed: isPlausible ? fixed : null };
  } finally {
    for (const contestant of contestants) await contestant.close();
  }
}

const NO_TIMINGS: Timings = { groups: [], refused: [], rounds: [], fixed: null };

/** Whether it is known of every valid count how long it takes, or why that cannot be known. */
function isWhole({ groups, refused }: Timings, configuration: Configuration): boolean {
  const known = new Set([...groups, ...refused.map((count) => count.groups)]);
  const valid = groupsOf(configuration);
  return known.size === valid.length && valid.every((count) => known.has(count));
}

/** What a value costs, in multiply-accumulates: layers with few of these take time, too. */
const MACS_A_VALUE = 16;

function hasGroups({ layers }: ConfiguredLayers): boolean {
  return layers.some(({ groups }) => groups > 1);
}

/** How much of the time goes to a configuration, in no unit. */
function weightOf({ layers, configuration }: ConfiguredLayers): number {
  const values = product(configuration.inShape) + product(configuration.outShape);
  return Math.sqrt(sum(layers.map(({ macs }) => (macs ?? 0) + MACS_A_VALUE * values)));
}
