import { type Survey, survey } from "../../analysis/index.js";
import {
  checkProvider,
  type ProfileRuns,
  type ReadOptimisedGraph,
  runtimeVersion,
  type Tensors,
} from "../../runtime/index.js";
import { UsageError } from "../../util/errors.js";
import { count } from "../../util/text.js";
import { runCheck } from "../check.js";
import type { Exam } from "../exam.js";
import { type Bench, runtimeBench } from "./bench.js";
import { measureCeilings } from "./ceilings.js";
import { cheaperGroups } from "./cheaper-groups.js";
import { findConfigurations } from "./configuration.js";
import { configurationSweep, layerSweep } from "./layer-sweep.js";
import { offFastPath } from "./off-fast-path.js";
import { roofline } from "./roofline.js";
import type { AskSection, Clock, MachineSummary, ProfileSection, SweepSection } from "./section.js";
import { slowerThanDense } from "./slower-than-dense.js";
import { type SweepProgress, type SweepStore, sweepConfigurations } from "./sweep.js";

/** What only Node has; its entry point fills it in. */
export interface AskTools {
  /** The runtime's profiler: without it there is no table of nodes, and neighbours count as the layers'. */
  readonly profileRuns?: ProfileRuns;
  /** Tells on which path layers really run. */
  readonly readOptimisedGraph?: ReadOptimisedGraph;
  /** The processor's name and number of cores. Defaults to what a browser tells: nothing and the number. */
  readonly processor?: Pick<MachineSummary, "cpu" | "cores">;
  /** Makes this sweep known to others on the machine, which would spoil its times, and looks for them. */
  readonly announce?: (warn: (sentence: string) => void) => Announced;
  /** Time that the processor worked for this process, in ms: of threads that wait for their turn it knows nothing. */
  readonly processorTime?: () => number;
  /** Keeps timings between sweeps; given the machine they are good for. */
  readonly openStore?: (machine: MachineSummary) => SweepStore;
}

export interface Announced {
  /** Warns of sweeps that were not there before. */
  look(): void;
  end(): void;
}

export interface SweepOptions extends AskTools {
  /** Time for the sweep, in ms. Defaults to a minute. */
  readonly budgetMs?: number;
  /** Most memory for the models of one configuration, which are open at once. Defaults to 1 GiB. */
  readonly memoryBytes?: number;
  /** Threads one operator may use. The runtime decides by default: one for each core. */
  readonly threads?: number;
  /** Execution provider, by the runtime's name. Defaults to `cpu`. */
  readonly provider?: string;
  /**
   * `wall`, the default, is what a person waits for. `processor` counts the work alone, so that a busy machine
   * hardly moves it; it wants `threads: 1`, and Node.
   */
  readonly clock?: Clock;
  /** Sweeps only these layers. Defaults to all. */
  readonly layers?: readonly string[];
  /** Called before each timing; may wait, and may throw to give the sweep up. */
  readonly onProgress?: (progress: SweepProgress) => void | Promise<void>;
  /** Called with a sentence about whatever spoils the times. */
  readonly onWarning?: (sentence: string) => void;
  readonly signal?: AbortSignal;
  /** Takes the times. Defaults to ONNX Runtime and the clock on the wall. */
  readonly bench?: Bench;
}

export type AskOptions = Omit<
  SweepOptions,
  "onProgress" | "onWarning" | "signal" | "layers" | "bench" | "memoryBytes"
>;

const DEFAULT_BUDGET_MS = 60_000;
/** A caller is told no oftener, and given its turn. */
const PROGRESS_MS = 50;
const PROFILED_RUNS = 30;
const PROFILE_BUDGET_MS = 5000;

/** 问: what each layer costs, and what it would with other groups. */
export const ask: Exam<"ask", AskSection, AskOptions> = {
  id: "ask",
  seedName: "问",
  title: "Cost",
  async run(context, options) {
    const { signal, memoryBytes, data, progress } = context;
    const surveyed = await withFastPaths(context.survey, options);
    const machine = describeMachine(options);
    await progress({ what: "profile", done: 0, total: 2 });
    const profiled = await profileSurveyed(surveyed, await data.batch(0), { ...options, signal });
    let configurations = 0;
    const warnings: string[] = [];
    const sweep = await sweepSurveyed(surveyed, {
      ...options,
      memoryBytes,
      signal,
      onWarning: (sentence) => warnings.push(sentence),
      onProgress: ({ what, done, total, leftMs }) => {
        configurations = total;
        const left = `${Math.ceil(leftMs / 1000)} s left`;
        return progress({ what: `${what}, ${left}`, done: total + done, total: 2 * total });
      },
    });
    await progress({ what: "sweep", done: 2 * configurations, total: 2 * configurations });
    const section = { machine, profile: profiled, sweep };
    const checks = [slowerThanDense, cheaperGroups, offFastPath];
    return {
      section,
      checks: checks.map((check) => runCheck("ask", check, section)),
      notes: [...warnings, ...notesOf(section)],
    };
  },
};

/** As the fast paths are where the runtime shows what it runs. */
export async function withFastPaths(surveyed: Survey, tools: AskTools): Promise<Survey> {
  const { readOptimisedGraph } = tools;
  if (!readOptimisedGraph) return surveyed;
  return survey(surveyed.model, { ...surveyed.options, target: "ort-cpu", readOptimisedGraph });
}

export interface ProfileSurveyedOptions extends AskTools {
  readonly threads?: number;
  readonly provider?: string;
  /** Runs that count. Defaults to 30, or as many as five seconds hold. */
  readonly runs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Null where the runtime has no profiler. */
export async function profileSurveyed(
  { model, convolutions }: Survey,
  feeds: Tensors,
  options: ProfileSurveyedOptions,
): Promise<ProfileSection | null> {
  const { profileRuns, threads, provider = "cpu", signal, onProgress } = options;
  if (!profileRuns) return null;
  checkProvider(provider);
  const session = { threads, executionProviders: [provider], signal };
  const { runs = PROFILED_RUNS } = options;
  const budgetMs = options.runs === undefined ? PROFILE_BUDGET_MS : undefined;
  const profile = await profileRuns(model, feeds, { ...session, runs, budgetMs, onProgress });
  return roofline(model, convolutions, profile, await measureCeilings(profileRuns, session));
}

/** Times every valid group count of every convolution, as far as the budget goes. */
export async function sweepSurveyed(
  surveyed: Survey,
  options: SweepOptions,
): Promise<SweepSection> {
  const { budgetMs = DEFAULT_BUDGET_MS, provider = "cpu", threads, profileRuns, signal } = options;
  const { memoryBytes } = options;
  if (!(budgetMs > 0)) throw new UsageError(`sweep: budgetMs=${budgetMs} must be over 0`);
  checkProvider(provider);
  const { fastPaths, blockSize } = await surveyed.get("fastPaths");
  const chosen = chooseLayers(surveyed, options.layers);
  const { configured, unswept } = findConfigurations(chosen, fastPaths);
  const start = performance.now();
  const others = options.announce?.(options.onWarning ?? (() => {}));
  let told = Number.NEGATIVE_INFINITY;
  const onProgress = async (progress: SweepProgress) => {
    signal?.throwIfAborted();
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    others?.look();
    await options.onProgress?.(progress);
    await new Promise((resolve) => setTimeout(resolve, 0)); // a run keeps the thread
    signal?.throwIfAborted();
  };
  const now = chooseClock(options);
  const bench = options.bench ?? runtimeBench({ threads, provider, profileRuns, now });
  const store = options.openStore?.(describeMachine(options));
  const swept = await sweepConfigurations(configured, bench, {
    budgetMs,
    memoryBytes,
    store,
    onProgress,
  }).finally(() => others?.end());
  const missed: SweepSection["unswept"][number][] = [];
  const reached = configured.flatMap((one, i) => {
    const result = swept[i];
    if ("timings" in result) {
      const sweep = configurationSweep(one.configuration, result, blockSize);
      return [{ one, timings: result.timings, sweep }];
    }
    missed.push(...one.layers.map(({ name }) => ({ layer: name, reason: result.reason })));
    return [];
  });
  return {
    budgetMs,
    elapsedMs: performance.now() - start,
    configurations: reached.map(({ sweep }) => sweep),
    layers: reached.flatMap(({ one, sweep, timings }, i) =>
      one.layers.map((layer) => layerSweep(layer, fastPaths.get(layer)!, i, sweep, timings)),
    ),
    unswept: [...unswept, ...missed],
  };
}

function chooseClock({ clock = "wall", threads, processorTime }: SweepOptions): () => number {
  if (clock === "wall") return () => performance.now();
  if (!processorTime) throw new UsageError("sweep: clock=processor is to be had in Node only");
  if (threads !== 1)
    throw new UsageError(
      `sweep: clock=processor counts the work of all threads together; threads=${threads ?? "default"} must be 1`,
    );
  return processorTime;
}

function chooseLayers({ convolutions }: Survey, names: readonly string[] | undefined) {
  if (!names) return convolutions;
  const known = new Set(convolutions.map(({ name }) => name));
  for (const name of names)
    if (!known.has(name)) throw new UsageError(`sweep: no convolution is called "${name}"`);
  return convolutions.filter(({ name }) => names.includes(name));
}

export function describeMachine(
  options: Pick<SweepOptions, "processor" | "threads" | "provider" | "clock">,
): MachineSummary {
  const { processor, threads = null, provider = "cpu", clock = "wall" } = options;
  const { cpu, cores } = processor ?? {
    cpu: "unknown",
    cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  };
  return { cpu, cores, threads, runtime: runtimeVersion(), provider, clock };
}

function notesOf({ profile, sweep }: AskSection): string[] {
  const notes: string[] = [];
  if (profile === null) notes.push("this runtime has no profiler: no times of single nodes");
  const open = sweep.configurations.filter(({ settled }) => !settled).length;
  if (open > 0)
    notes.push(
      `${count(open, "ranking")} of ${sweep.configurations.length} not settled within the budget: give it more, or a quieter machine`,
    );
  const missed = sweep.unswept.length;
  if (missed > 0) notes.push(`${count(missed, "layer")} without a sweep: ${reasonsOf(sweep)}`);
  return notes;
}

function reasonsOf({ unswept }: SweepSection): string {
  return [...new Set(unswept.map(({ reason }) => reason))].join("; ");
}
