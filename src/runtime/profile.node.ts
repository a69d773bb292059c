import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
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
const EMPTY_RUNS = 12;

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
 * What the profiler takes of each node's time, in ms, in each run: it writes shapes down before it looks at the
 * clock. Of nodes that have almost no time of their own, that is what they take more with it than without.
 */
async function measureProfiler(options: SessionOptions): Promise<number[]> {
  const model = newModel("empty");
  const b = new GraphBuilder(model.graph);
  let value = b.input("x", [1]);
  for (let i = 0; i < EMPTY_NODES; i++) value = b.op(i % 2 === 0 ? "Neg" : "Abs", [value]);
  b.output(value, "y");
  const profile = await traceRuns(
    model,
    { x: full([1], 0.5) },
    { ...options, runs: EMPTY_RUNS },
    0,
  );
  return nodeSumMs(profile).map((ms, run) => (ms - profile.plainMs[run]) / EMPTY_NODES);
}

function traceRuns(
  given: Model | Uint8Array,
  feeds: Tensors,
  options: ProfileRunsOptions,
  profilerMs: number,
): Promise<Omit<RunProfile, "profilerMs">> {
  const { runs = 20, warmUps = 3, budgetMs = Number.POSITIVE_INFINITY } = options;
  const { memoryBytes = DEFAULT_MEMORY_BYTES } = options;
  const { signal, onProgress, runtime, into, ...session } = options;
  const source = given instanceof Model ? withNamedNodes(given) : given;
  const nodes = source instanceof Model ? Math.max(1, source.graph.nodes.length) : 1;
  const events = Math.min(MOST_EVENTS, memoryBytes / EVENT_BYTES);
  const most = Math.min(runs, Math.max(1, Math.floor(events / nodes) - warmUps));
  return withTemporaryFolder("a profile", async (folder) => {
    const optimisedModelFilePath = join(folder, "optimised.onnx");
    const profiling = {
      ...runtime,
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
      optimizedModelFilePath: optimisedModelFilePath,
      ...(isLarge(source) ? OPTIMISED_WEIGHTS_APART : {}),
    };
    const plain = await Session.create(source, { ...session, runtime });
    const plainMs: number[] = [];
    try {
      const profiled = await Session.create(source, { ...session, runtime: profiling });
      try {
        for (let run = 0; run < warmUps; run++) {
          await plain.run(feeds, into);
          await profiled.run(feeds, into);
        }
        const started = performance.now();
        for (let run = 0; run < most; run++) {
          if (run >= LEAST_RUNS && performance.now() - started > budgetMs) break;
          onProgress?.(run, most);
          await pause(); // a run keeps the thread: let the caller's timers and signals through
          signal?.throwIfAborted();
          const before = performance.now();
          await plain.run(feeds, into);
          plainMs.push(performance.now() - before);
          await profiled.run(feeds, into);
        }
        profiled.endProfiling();
      } finally {
        await profiled.release();
      }
    } finally {
      await plain.release();
    }
    const trace = (await readdir(folder)).find((name) => /^profile.*\.json$/.test(name));
    if (!trace) throw new RuntimeError("ONNX Runtime wrote no profile");
    return {
      ...parseTrace(await readFile(join(folder, trace), "utf8"), { warmUps, profilerMs }),
      plainMs,
      optimised: await readModel(await readFile(optimisedModelFilePath)),
    };
  });
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
