import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { setImmediate as pause } from "node:timers/promises";
import { Model } from "../graph/index.js";
import { copyModel, readModel } from "../onnx/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { full } from "../tensor/index.js";
import { RuntimeError } from "../util/errors.js";
import { sum } from "../util/math.js";
import { median } from "../util/statistics.js";
import { nameNodes } from "./name-nodes.js";
import { OPTIMISED_WEIGHTS_APART } from "./optimised-graph.node.js";
import type { ProfileRunsOptions, RunProfile } from "./profile.js";
import { bySession, joinSessions, type SessionProfile } from "./profile-sessions.js";
import { parseTrace } from "./profile-trace.js";
import { Session, type SessionOptions, type Tensors } from "./session.js";
import { withTemporaryFolder } from "./temporary-folder.node.js";
import { nodeSumMs } from "./trace.js";

/** The profiler keeps a million events and drops the rest; a node is one in each run. */
const MOST_EVENTS = 900_000;
/** What an event takes while the trace is read: its text, and what is made of it. */
const EVENT_BYTES = 1600;
const DEFAULT_MEMORY_BYTES = 2 ** 30;
const LEAST_RUNS = 3;

/**
 * Runs a model under ONNX Runtime's own profiler: the time of each node of the graph that really runs.
 *
 * @param source A model, or the bytes of one that keeps no weights in other files.
 * @throws RuntimeError when the runtime cannot load or run it, in its words.
 */
export async function profileRuns(
  source: Model | Uint8Array,
  feeds: Tensors,
  options: ProfileRunsOptions = {},
): Promise<RunProfile> {
  const profilerMs = await profilerOf(options);
  const profile = await traceRuns(source, feeds, options, Math.max(0, median(profilerMs)));
  return { ...profile, profilerMs };
}

/** So many that what the call takes does not count among them. */
const EMPTY_NODES = 1000;
const EMPTY_SESSIONS = 6;
const EMPTY_RUNS = 4 * EMPTY_SESSIONS;

/** It is the machine's and the threads': once a process is enough. */
const profilers = new Map<string, Promise<number[]>>();

function profilerOf({ threads, executionProviders }: ProfileRunsOptions): Promise<number[]> {
  const key = JSON.stringify([threads, executionProviders]);
  let measured = profilers.get(key);
  if (!measured) {
    measured = measureProfiler({ threads, executionProviders });
    profilers.set(key, measured);
    measured.catch(() => profilers.delete(key)); // whoever waits for it is told; the next one tries again
  }
  return measured;
}

/**
 * What the profiler takes of each node's time, in ms, in each session: it writes shapes down before it looks at the
 * clock. Of nodes that have almost no time of their own, that is what they take more with it than without.
 */
async function measureProfiler(options: SessionOptions): Promise<number[]> {
  const model = newModel("empty");
  const b = new GraphBuilder(model.graph);
  let value = b.input("x", [1]);
  for (let i = 0; i < EMPTY_NODES; i++) value = b.op(i % 2 === 0 ? "Neg" : "Abs", [value]);
  b.output(value, "y");
  const limits = { runs: EMPTY_RUNS, sessions: EMPTY_SESSIONS };
  const profile = await traceRuns(model, { x: full([1], 0.5) }, { ...options, ...limits }, 0);
  const more = nodeSumMs(profile).map((ms, run) => (ms - profile.plainMs[run]) / EMPTY_NODES);
  return bySession(more, profile).map(median);
}

function traceRuns(
  given: Model | Uint8Array,
  feeds: Tensors,
  options: ProfileRunsOptions,
  profilerMs: number,
): Promise<Omit<RunProfile, "profilerMs">> {
  const { runs = 20, warmUps = 3, sessions = 1, budgetMs = Number.POSITIVE_INFINITY } = options;
  const { memoryBytes = DEFAULT_MEMORY_BYTES, onProgress } = options;
  const source = given instanceof Model ? withNamedNodes(given) : given;
  const nodes = source instanceof Model ? Math.max(1, source.graph.nodes.length) : 1;
  const events = Math.min(MOST_EVENTS, memoryBytes / EVENT_BYTES);
  const most = Math.min(runs, Math.max(1, Math.floor(events / nodes) - warmUps));
  let [done, spentMs] = [0, 0];
  const isOver = (share: number) => done >= LEAST_RUNS && spentMs > share * budgetMs;
  return withTemporaryFolder("a profile", async (folder) => {
    const optimisedPath = join(folder, "optimised.onnx");
    const parts: SessionProfile[] = [];
    for (let session = 0; session < sessions && !isOver(1); session++) {
      const share = (session + 1) / sessions;
      const end = Math.ceil(share * most);
      if (done === end) continue;
      const part = await traceSession(source, feeds, options, {
        profilerMs,
        tracePath: join(folder, `trace${session}`),
        optimisedPath: session === 0 ? optimisedPath : null, // the others run the same
        isProfiledFirst: session % 2 === 1, // neither always has the better place
        beforeRun: () => onProgress?.(done, most),
        afterRun(ms) {
          done++;
          spentMs += ms;
          return done === end || isOver(share);
        },
      });
      parts.push(part);
    }
    const optimised = await readModel(await readFile(optimisedPath));
    return { ...joinSessions(parts), optimised };
  });
}

interface TraceSessionOptions {
  readonly profilerMs: number;
  /** How the name of the file begins that the profiler writes. */
  readonly tracePath: string;
  /** Where the runtime writes the graph that runs; null for nowhere. */
  readonly optimisedPath: string | null;
  readonly isProfiledFirst: boolean;
  beforeRun(): void;
  /** Given how long a run took, without the profiler and with it together; says whether it was the last. */
  afterRun(ms: number): boolean;
}

/** Loads the model twice, with the profiler and without, and runs either in turns. */
async function traceSession(
  source: Model | Uint8Array,
  feeds: Tensors,
  { warmUps = 3, signal, runtime, ...session }: ProfileRunsOptions,
  options: TraceSessionOptions,
): Promise<SessionProfile> {
  const { profilerMs, tracePath, optimisedPath, isProfiledFirst } = options;
  const profiling = {
    ...runtime,
    enableProfiling: true,
    profileFilePrefix: tracePath,
    ...(optimisedPath === null ? {} : { optimizedModelFilePath: optimisedPath }),
    ...(optimisedPath !== null && isLarge(source) ? OPTIMISED_WEIGHTS_APART : {}),
  };
  const open = (isProfiled: boolean) =>
    Session.create(source, { ...session, runtime: isProfiled ? profiling : runtime });
  const time = async (one: Session) => {
    const before = performance.now();
    await one.run(feeds);
    return performance.now() - before;
  };
  const plainMs: number[] = [];
  const first = await open(isProfiledFirst);
  try {
    const second = await open(!isProfiledFirst);
    try {
      for (let run = 0; run < warmUps; run++) {
        await time(first);
        await time(second);
      }
      for (let isLast = false; !isLast; ) {
        options.beforeRun();
        await pause(); // a run keeps the thread: let the caller's timers and signals through
        signal?.throwIfAborted();
        const times = [await time(first), await time(second)];
        plainMs.push(times[isProfiledFirst ? 1 : 0]);
        isLast = options.afterRun(sum(times));
      }
      (isProfiledFirst ? first : second).endProfiling();
    } finally {
      await second.release();
    }
  } finally {
    await first.release();
  }
  const trace = parseTrace(await readTrace(tracePath), { warmUps, profilerMs });
  // a loop has many events, and the profiler drops the last runs
  return { ...trace, plainMs: plainMs.slice(0, trace.wholeMs.length) };
}

/** The profiler adds the time of day to the name it was given. */
async function readTrace(path: string): Promise<string> {
  const names = await readdir(dirname(path));
  const name = names.find((one) => one.startsWith(`${basename(path)}_`) && one.endsWith(".json"));
  if (!name) throw new RuntimeError("ONNX Runtime wrote no profile");
  return readFile(join(dirname(path), name), "utf8");
}

function withNamedNodes(model: Model): Model {
  const copy = copyModel(model);
  nameNodes(copy);
  return copy;
}

/** Protobuf holds no more than 2 GiB. */
function isLarge(source: Model | Uint8Array): boolean {
  if (!(source instanceof Model)) return source.length > 2 ** 30;
  return sum(source.graph.initializers.map(({ initializer }) => initializer!.byteLength)) > 2 ** 30;
}
