import { isQuantised, type Survey } from "../../analysis/index.js";
import {
  BROWSER_TARGETS,
  checkTarget,
  DEFAULT_TARGET,
  isBrowserTarget,
  type TimedTarget,
} from "../../runtime/index.js";
import { UsageError } from "../../util/errors.js";
import { type OpenBench, openRuntimeBench } from "./bench.js";
import { type ConfigurationFacts, findConfigurations } from "./configuration.js";
import { type PathOf, predictPath } from "./kernel-path.js";
import { configurationSweep, layerSweep } from "./layer-sweep.js";
import type { Clock, MachineSummary, SweepSection } from "./section.js";
import { type SweepProgress, type SweepStore, sweepConfigurations } from "./sweep.js";
import { checkThreads } from "./threads.js";
import { type AskTools, processorOf } from "./tools.js";

export interface SweepOptions extends AskTools {
  /** Time for the sweep, in ms. Defaults to a minute. */
  readonly budgetMs?: number;
  /** Most memory for the models of one configuration, which are open at once. Defaults to 1 GiB. */
  readonly memoryBytes?: number;
  /** Threads one operator may use, no more than the machine has cores. The runtime decides by default. */
  readonly threads?: number;
  /**
   * Where times are taken: by onnxruntime-node, or for `ort-wasm` and `ort-webgpu` by onnxruntime-web in a
   * browser that Node starts. Defaults to `ort-cpu`; in a browser to `ort-wasm`, in its own page.
   */
  readonly target?: TimedTarget;
  /** Path of the browser's program. By default one is looked for: `CHROME_PATH`, then where browsers lie. */
  readonly browser?: string;
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
}

const DEFAULT_BUDGET_MS = 60_000;
/** They stand in for graphics cards in Chromium, on Linux and on Windows. */
const SOFTWARE_ADAPTERS = /swiftshader|llvmpipe|basic render/i;
/** A caller is told no oftener, and given its turn. */
const PROGRESS_MS = 50;

export interface SweptModel {
  readonly machine: MachineSummary;
  readonly sweep: SweepSection;
}

/**
 * Times every valid group count of every convolution, as far as the budget goes.
 * @param surveyed For `ort-cpu` with its fast paths, as the runtime shows them where it does.
 */
export async function sweepSurveyed(surveyed: Survey, options: SweepOptions): Promise<SweptModel> {
  const { budgetMs = DEFAULT_BUDGET_MS, signal, onWarning = () => {} } = options;
  checkThreads(options);
  if (!(budgetMs > 0)) throw new UsageError(`sweep: budgetMs=${budgetMs} must be over 0`);
  const layers = chooseLayers(surveyed, options.layers);
  const bench = await openBench(options);
  const others = options.announce?.(onWarning);
  try {
    const machine = describeMachine(options, bench);
    const store = options.openStore?.(machine, onWarning);
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
    const paths = await readPaths(surveyed, options.target ?? DEFAULT_TARGET);
    return {
      machine,
      sweep: await sweepLayers(layers, paths, bench, {
        ...options,
        model: surveyed.model,
        budgetMs,
        store,
        onProgress,
      }),
    };
  } finally {
    others?.end();
    await bench.close();
  }
}

interface SweepLayersOptions extends Pick<SweepOptions, "memoryBytes"> {
  readonly model: Survey["model"];
  readonly budgetMs: number;
  readonly store: SweepStore | undefined;
  readonly onProgress: (progress: SweepProgress) => Promise<void>;
}

async function sweepLayers(
  layers: Survey["convolutions"],
  { facts, pathOf }: Paths,
  bench: OpenBench,
  { model, budgetMs, memoryBytes, store, onProgress }: SweepLayersOptions,
): Promise<SweepSection> {
  const start = performance.now();
  const { configured, unswept } = findConfigurations(layers, facts, model);
  const options = { budgetMs, memoryBytes, store, onProgress };
  const swept = await sweepConfigurations(configured, bench, options);
  const missed: SweepSection["unswept"][number][] = [];
  const reached = configured.flatMap((one, i) => {
    const result = swept[i];
    if ("timings" in result) {
      const sweep = configurationSweep(one.configuration, result, pathOf);
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
      one.layers.flatMap((layer) => {
        const own = sweep.refused.find(({ groups }) => groups === layer.groups);
        const path = facts.fastPaths?.get(layer)?.path ?? "unknown";
        if (!own) return [layerSweep(layer, path, i, sweep, timings)];
        missed.push({ layer: layer.name, reason: `groups=${own.groups}: ${own.reason}` });
        return [];
      }),
    ),
    unswept: [...unswept, ...missed],
  };
}

interface Paths {
  readonly facts: ConfigurationFacts;
  /** Predicts the path of any group count. */
  readonly pathOf: PathOf;
}

/** Of other targets no rules are known that hold for every count, nor what they make integers of. */
async function readPaths(surveyed: Survey, target: TimedTarget): Promise<Paths> {
  if (target !== "ort-cpu") {
    const integers = new Set(surveyed.convolutions.filter(isQuantised));
    return { facts: { fastPaths: null, integers }, pathOf: () => "unknown" };
  }
  const facts = await surveyed.get("fastPaths");
  return { facts, pathOf: predictPath(facts.blockSize) };
}

/** @throws UsageError when there is no such target, or it has nothing to do with a browser that was named. */
export function checkPlace({
  target = DEFAULT_TARGET,
  browser,
}: Pick<SweepOptions, "target" | "browser">): void {
  checkTarget(target);
  if (browser !== undefined && !isBrowserTarget(target))
    throw new UsageError(
      `target=${target} runs in no browser; browser is for ${BROWSER_TARGETS.join(" and ")}`,
    );
}

async function openBench(options: SweepOptions): Promise<OpenBench> {
  checkPlace(options);
  const { target = DEFAULT_TARGET, threads, browser, profileRuns, signal } = options;
  const { openBrowserBench } = options;
  if (isBrowserTarget(target) && openBrowserBench) {
    if (options.clock === "processor")
      throw new UsageError(
        `sweep: clock=processor counts the work of this process; target=${target} runs in a browser's`,
      );
    const bench = await openBrowserBench({ target, threads, browser, signal });
    const { adapter } = bench.runtime;
    if (adapter !== null && SOFTWARE_ADAPTERS.test(adapter))
      options.onWarning?.(
        `${target} runs on ${adapter} here, a program on the processor: no time of it is one of a graphics card`,
      );
    return bench;
  }
  return openRuntimeBench({ threads, target, profileRuns, now: chooseClock(options) });
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

function describeMachine(options: SweepOptions, { runtime }: OpenBench): MachineSummary {
  const { threads = null, target = DEFAULT_TARGET, clock = "wall" } = options;
  const { cpu, cores } = processorOf(options);
  return { cpu, cores: cores ?? 1, threads, ...runtime, target, clock };
}
