import type { Model, Node } from "../../graph/index.js";
import {
  BLOCKED_DOMAIN,
  fusedNodes,
  nodeSumMs,
  type ProfileRuns,
  Session,
  type SessionOptions,
} from "../../runtime/index.js";
import { Rng, zeros } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import { median, spreadOf } from "../../util/statistics.js";
import { contextModel, NEIGHBOURS } from "./context-model.js";
import type { Contestant } from "./rounds.js";
import type { Configuration } from "./section.js";

/** What takes the times of a sweep. */
export interface Bench {
  /** A configuration with so many groups, ready to be timed. */
  open(configuration: Configuration, groups: number): Promise<OpenContestant>;
  /**
   * The part of a context's time that is not the layer's, in ms: its neighbours and the call. Null where the
   * runtime does not tell nodes apart.
   */
  fixedMs(configuration: Configuration, groups: number): Promise<number | null>;
}

export interface OpenContestant extends Contestant {
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly threads?: number;
  /** Execution provider, by the runtime's name. */
  readonly provider: string;
  /** The clock that times are read off, in ms. */
  readonly now: () => number;
  /** The runtime's profiler, where there is one. */
  readonly profileRuns?: ProfileRuns;
}

/** Shorter than this, a timing is as much the clock's as the layer's. */
const LEAST_TIMING_MS = 1;
const MOST_REPEATS = 200;
/** Interruptions only ever add: of so many timings in a row the fastest is taken. */
const TIMINGS = 3;
/** Long runs get fewer: they are interrupted anyway. */
const LONG_MS = 10;
const PROFILED_RUNS = 45;
const PROFILE_BUDGET_MS = 300;

/** Times contexts in ONNX Runtime. */
export function runtimeBench({ threads, provider, profileRuns, now }: BenchOptions): Bench {
  const session: SessionOptions = { threads, executionProviders: [provider] };
  return {
    async open(configuration, groups) {
      const context = await Session.create(contextModel(configuration, groups), session);
      const [feeds, into] = [feedsOf(configuration), { y: zeros(configuration.outShape) }];
      const run = () => context.run(feeds, into);
      await run(); // memory is planned
      return { time: () => timeOnce(run, now), close: () => context.release() };
    },
    async fixedMs(configuration, groups) {
      if (!profileRuns || provider !== "cpu") return null;
      const model = contextModel(configuration, groups);
      const profile = await profileRuns(model, feedsOf(configuration), {
        ...session,
        runs: PROFILED_RUNS,
        budgetMs: PROFILE_BUDGET_MS,
      });
      const outside = new Set(
        [...neighbourNodes(model, profile.optimised)].map(({ name }) => name),
      );
      const neighbours = profile.nodes.filter(({ name }) => outside.has(name));
      const neighboursMs = profile.wholeMs.map((_, run) =>
        sum(neighbours.map(({ ms }) => ms[run])),
      );
      const callMs = spreadOf(profile.plainMs).low - spreadOf(nodeSumMs(profile)).low;
      return median(fastestInThrees(neighboursMs)) + Math.max(0, callMs);
    },
  };
}

function feedsOf({ inShape }: Configuration) {
  return { x: new Rng(0).normal(inShape) };
}

/** One run's time: the fastest of some timings, each of as many runs as the clock needs. */
async function timeOnce(run: () => Promise<unknown>, now: () => number): Promise<number> {
  const timing = async (repeats: number) => {
    const start = now();
    for (let i = 0; i < repeats; i++) await run();
    return (now() - start) / repeats;
  };
  const first = await timing(1); // wakes the threads, brings the weights near
  const repeats = Math.min(MOST_REPEATS, Math.ceil(LEAST_TIMING_MS / Math.max(first, 1e-3)));
  let fastest = await timing(repeats);
  for (let i = 1; i < TIMINGS && first < LONG_MS; i++)
    fastest = Math.min(fastest, await timing(repeats));
  return fastest;
}

/** As {@link timeOnce} has it. */
function fastestInThrees(times: readonly number[]): number[] {
  return range(Math.ceil(times.length / TIMINGS)).map((i) =>
    Math.min(...times.slice(i * TIMINGS, (i + 1) * TIMINGS)),
  );
}

/** The stand-ins for the layers around, and the copies on their far side. */
function neighbourNodes(model: Model, optimised: Model): Set<Node> {
  const origins = fusedNodes(model.graph, optimised.graph);
  const outside = new Set<Node>();
  for (const [node, works] of origins) {
    if (!works.some(({ name }) => (NEIGHBOURS as readonly string[]).includes(name))) continue;
    outside.add(node);
    const far = works.some(({ name }) => name === "before")
      ? [node.inputs[0]?.producer]
      : (node.outputs[0]?.uses.map((use) => use.node) ?? []);
    for (const copy of far)
      if (copy?.domain === BLOCKED_DOMAIN && copy.op !== "Conv") outside.add(copy);
  }
  return outside;
}
