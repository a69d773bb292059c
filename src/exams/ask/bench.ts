import { isOp, isOutput, type Model, type Node } from "../../graph/index.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import {
  BLOCKED_DOMAIN,
  type BrowserTarget,
  fusedNodes,
  ownProvider,
  type ProfileRuns,
  runtimeVersion,
  Session,
  type SessionOptions,
  type TimedTarget,
  type TimingLimits,
  timeOnce,
} from "../../runtime/index.js";
import { RuntimeError, UsageError } from "../../util/errors.js";
import { sum } from "../../util/math.js";
import { type Spread, spreadOf } from "../../util/statistics.js";
import { contextFeeds, LAYER, NEIGHBOURS, timedModel } from "./context-model.js";
import type { Contestant } from "./rounds.js";
import type { Configuration, MachineSummary } from "./section.js";

/** What takes the times of a sweep. */
export interface Bench {
  /** Whether what it times in is gone by itself, and all that was open with it; `open` begins another. */
  readonly isLost: boolean;
  /**
   * A configuration with so many groups, ready to be timed.
   * @throws RuntimeError when the runtime refuses it, or is lost meanwhile.
   */
  open(configuration: Configuration, groups: number): Promise<OpenContestant>;
  /**
   * The part of a context's time that is not the layer's, in ms: its neighbours and the call. Null where the
   * runtime does not tell nodes apart.
   * @param wholeMs How long that context takes on this bench.
   */
  fixedTime(
    configuration: Configuration,
    groups: number,
    wholeMs: number,
  ): Promise<FixedTime | null>;
}

/** What is taken off the times of contexts, and what it was taken from. */
export interface FixedTime {
  readonly ms: number;
  readonly spread: Spread;
}

/** A bench that is ready, and known to work. */
export interface OpenBench extends Bench {
  /** What it times in. */
  readonly runtime: Pick<MachineSummary, "runtime" | "browser" | "adapter">;
  close(): Promise<void>;
}

export interface OpenContestant extends Contestant {
  close(): Promise<void>;
}

export interface BrowserBenchOptions {
  readonly target: BrowserTarget;
  readonly threads?: number;
  /** Path of the browser's program. By default one is looked for. */
  readonly browser?: string;
  /** Ends the browser. */
  readonly signal?: AbortSignal;
}

export interface BenchOptions {
  readonly threads?: number;
  readonly target: TimedTarget;
  /** The clock that times are read off, in ms. */
  readonly now: () => number;
  /** The runtime's profiler, where there is one. */
  readonly profileRuns?: ProfileRuns;
}

/** Shorter than a millisecond, a timing is as much the clock's as the layer's. */
export const LIMITS: TimingLimits = { leastMs: 1, mostRepeats: 200, timings: 3, longMs: 10 };
const PROFILED_RUNS = 45;
const PROFILE_BUDGET_MS = 300;

/**
 * Times contexts in this process' own ONNX Runtime.
 * @throws UsageError when it does not have the target, or cannot use it on this machine.
 */
export async function openRuntimeBench(options: BenchOptions): Promise<OpenBench> {
  const { threads, target, profileRuns, now } = options;
  const session: SessionOptions = { threads, executionProviders: [ownProvider(target)] };
  await tryTarget(target);
  return {
    runtime: { runtime: runtimeVersion(), browser: null, adapter: null },
    isLost: false,
    close: async () => {},
    async open(configuration, groups) {
      const context = await Session.create(timedModel(configuration, groups), session);
      const feeds = contextFeeds(configuration, groups);
      const run = () => context.run(feeds);
      await run(); // memory is planned
      return { time: () => timeOnce(run, { now, limits: LIMITS }), close: () => context.release() };
    },
    async fixedTime(configuration, groups, wholeMs) {
      if (!profileRuns || target !== "ort-cpu") return null;
      const model = timedModel(configuration, groups);
      const profile = await profileRuns(model, contextFeeds(configuration, groups), {
        ...session,
        runs: PROFILED_RUNS,
        budgetMs: PROFILE_BUDGET_MS,
      });
      const foreign = foreignNodes(model, profile.optimised);
      const names = new Set([...foreign].map(({ name }) => name));
      const own = profile.nodes.filter(({ name }) => !names.has(name));
      // Runs of a profile find their data in caches less often than runs in a row: it tells shares, not times.
      const shares = profile.plainMs.map((ms, run) => sum(own.map((node) => node.ms[run])) / ms);
      const spread = spreadOf(shares.map((share) => Math.max(0, 1 - share) * wholeMs));
      return { ms: spread.median, spread };
    },
  };
}

/**
 * Loads a model of nothing: it is then that the runtime looks for drivers and libraries.
 * @throws UsageError when it does not have the target, or cannot use it on this machine.
 */
export async function tryTarget(target: TimedTarget): Promise<void> {
  const executionProviders = [ownProvider(target)];
  if (target === "ort-cpu") return;
  const model = newModel("nothing");
  const b = new GraphBuilder(model.graph);
  b.output(b.op("Relu", [b.input("x", [1])]), "y", { shape: [1] });
  try {
    const session = await Session.create(model, { executionProviders });
    await session.release();
  } catch (cause) {
    if (!(cause instanceof RuntimeError)) throw cause;
    throw new UsageError(`target=${target} is not to be had on this machine: ${cause.message}`, {
      help: "It needs its device, the driver and the provider's libraries: https://onnxruntime.ai/docs/execution-providers",
      cause,
    });
  }
}

/** Put in by the runtime at the ends of a context, for its elements' sake: what is around has them already. */
const CONVERSIONS = ["Cast", "Transpose"];

/** All but the layer's own: stand-ins for the layers around and the copies on their far side, conversions, the end. */
function foreignNodes(model: Model, optimised: Model): Set<Node> {
  const origins = fusedNodes(model.graph, optimised.graph);
  const foreign = new Set<Node>();
  for (const [node, works] of origins) {
    const names = works.map(({ name }) => name);
    const isEnd = node.outputs.some((value) => value && isOutput(value));
    if (isEnd || isOp(node, ...CONVERSIONS)) foreign.add(node);
    if (names.length === 0 || names.includes(LAYER) || readsConstant(node)) continue;
    foreign.add(node);
    if (!names.some((name) => (NEIGHBOURS as readonly string[]).includes(name))) continue;
    const far = names.includes("before")
      ? [node.inputs[0]?.producer]
      : (node.outputs[0]?.uses.map((use) => use.node) ?? []);
    for (const copy of far)
      if (copy?.domain === BLOCKED_DOMAIN && copy.op !== "Conv") foreign.add(copy);
  }
  return foreign;
}

/** As what makes floats of a weight does. */
function readsConstant({ inputs: [first] }: Node): boolean {
  return !!first?.initializer;
}
