import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { type SurveyOptions, survey } from "../../analysis/index.js";
import type { Model } from "../../graph/index.js";
import { findProgram } from "../../runtime/browser/open-page.node.js";
import { isBrowserTarget, type Tensors } from "../../runtime/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { profileRuns } from "../../runtime/profile.node.js";
import { UsageError } from "../../util/errors.js";
import { tryTarget } from "./bench.js";
import { openBrowserBench } from "./browser-bench.node.js";
import { drawFeeds } from "./feeds.js";
import { type ProfileSurveyedOptions, profileSurveyed } from "./profile-surveyed.js";
import { RunningSweeps } from "./running-sweeps.node.js";
import type { ProfileSection, SweepSection } from "./section.js";
import { cacheFolder, fileStore, optionalStore } from "./sweep-store.node.js";
import { checkPlace, type SweepOptions, sweepSurveyed } from "./sweep-surveyed.js";
import { checkThreads } from "./threads.js";
import type { AskTools } from "./tools.js";

export interface NodeToolsOptions {
  /**
   * File that keeps timings for the next sweep; `false` keeps none. Defaults to one in the user's cache, which is done
   * without, with a warning, where it cannot be used.
   */
  readonly cache?: string | false;
}

/** What Node has and a browser has not, for the exam `ask`. */
export function nodeTools({ cache }: NodeToolsOptions = {}): AskTools {
  const openStore: AskTools["openStore"] = (machine, warn) =>
    cache
      ? fileStore(cache, machine)
      : optionalStore(fileStore(join(cacheFolder(), "sweeps.jsonl"), machine), warn);
  return {
    profileRuns,
    readOptimisedGraph,
    openBrowserBench,
    processor: thisProcessor(),
    processorTime: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    announce: (warn) => new RunningSweeps(cacheFolder(), warn),
    ...(cache === false ? {} : { openStore }),
  };
}

function thisProcessor(): NonNullable<AskTools["processor"]> {
  return { cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism() };
}

/**
 * Refuses at once what a sweep would refuse when its turn comes, after the other exams.
 *
 * @throws UsageError when the target or the browser is missing here, or cores for so many threads.
 */
export async function checkSweep(
  options: Pick<SweepOptions, "target" | "browser" | "threads">,
): Promise<void> {
  checkPlace(options);
  checkThreads({ threads: options.threads, processor: thisProcessor() });
  const { target, browser } = options;
  if (target === undefined) return;
  if (isBrowserTarget(target)) await findProgram(browser);
  else await tryTarget(target);
}

export interface ProfileOptions
  extends Omit<ProfileSurveyedOptions, keyof AskTools>,
    Pick<SurveyOptions, "inputShapes"> {
  /** Data to run on, every free input by name. By default noise is drawn. */
  readonly feeds?: Tensors;
}

/**
 * Times every node of the graph that really runs, by the runtime's own profiler, and sets it under the
 * ceilings of this machine: a roofline, the longest first.
 *
 * @throws RuntimeError when the runtime cannot run the model, in its words.
 * @throws UsageError when it does not have the target, no data can be drawn for an input, or `runs` is none.
 */
export async function profile(model: Model, options: ProfileOptions = {}): Promise<ProfileSection> {
  const { inputShapes = shapesOf(options.feeds), feeds, ...rest } = options;
  const surveyed = await survey(model, { inputShapes });
  const section = await profileSurveyed(surveyed, feeds ?? drawFeeds(surveyed), {
    ...rest,
    profileRuns,
    processor: thisProcessor(),
  });
  if (section === null)
    throw new UsageError(`profile: target=${options.target} is a browser's, which has no profiler`);
  return section;
}

export interface SweepGroupsOptions
  extends Omit<SweepOptions, keyof AskTools>,
    NodeToolsOptions,
    Pick<SurveyOptions, "inputShapes"> {}

/**
 * Times every valid group count of every convolution of a model, in surroundings like its own, in turns,
 * until the rankings are settled or the budget ends; what was timed before on this machine is not again.
 * An interrupted sweep is continued by the next. Another sweep on this machine is warned of, by
 * `process.emitWarning` unless `onWarning` is given.
 *
 * @throws UsageError when an option is out of range or the cache that was named cannot be used.
 */
export async function sweepGroups(
  model: Model,
  options: SweepGroupsOptions = {},
): Promise<SweepSection> {
  const { inputShapes, cache, ...rest } = options;
  const surveyed = await survey(model, { inputShapes, target: "ort-cpu", readOptimisedGraph });
  const { sweep } = await sweepSurveyed(surveyed, {
    onWarning: (sentence) => process.emitWarning(sentence),
    ...rest,
    ...nodeTools({ cache }),
  });
  return sweep;
}

function shapesOf(feeds: Tensors | undefined): Record<string, readonly number[]> | undefined {
  if (!feeds) return undefined;
  return Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
}
