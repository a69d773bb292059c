import type { Survey } from "../../analysis/index.js";
import {
  checkTarget,
  DEFAULT_TARGET,
  isBrowserTarget,
  ownProvider,
  type Tensors,
  type TimedTarget,
} from "../../runtime/index.js";
import { UsageError } from "../../util/errors.js";
import { measureCeilings } from "./ceilings.js";
import { roofline } from "./roofline.js";
import type { ProfileSection } from "./section.js";
import { checkThreads } from "./threads.js";
import type { AskTools } from "./tools.js";

const RUNS = 30;
const SESSIONS = 6;
const BUDGET_MS = 5000;

export interface ProfileSurveyedOptions extends Pick<AskTools, "profileRuns" | "processor"> {
  /** Threads one operator may use, no more than the machine has cores. The runtime decides by default: one for each core. */
  readonly threads?: number;
  /** Where it runs. Defaults to `ort-cpu`; browsers have no profiler. */
  readonly target?: TimedTarget;
  /** Runs that count. Defaults to 30, or as many as five seconds hold. */
  readonly runs?: number;
  /** Most memory for the profiler's trace: where it would take more, fewer runs are made. Defaults to 1 GiB. */
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Null where the runtime has no profiler.
 * @throws UsageError when runs are no number of them, or more threads are asked for than there are cores.
 */
export async function profileSurveyed(
  { model, convolutions }: Survey,
  feeds: Tensors,
  options: ProfileSurveyedOptions,
): Promise<ProfileSection | null> {
  const { profileRuns, threads, target = DEFAULT_TARGET, signal, onProgress } = options;
  checkTarget(target);
  checkThreads(options);
  if (!profileRuns || isBrowserTarget(target)) return null;
  const session = { threads, executionProviders: [ownProvider(target)], signal };
  const { runs = RUNS, memoryBytes } = options;
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new UsageError(`profile: runs=${runs} must be a whole number from 1`);
  const budgetMs = options.runs === undefined ? BUDGET_MS : undefined;
  const limits = { runs, sessions: SESSIONS, budgetMs, memoryBytes };
  const profile = await profileRuns(model, feeds, { ...session, ...limits, onProgress });
  return roofline(model, convolutions, profile, await measureCeilings(profileRuns, session));
}
