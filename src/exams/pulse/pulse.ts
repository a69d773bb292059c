import { GroupconvError, UsageError } from "../../util/errors.js";
import { product, sum } from "../../util/math.js";
import { count } from "../../util/text.js";
import type { Exam, ExamContext, ExamOutcome } from "../exam.js";
import { weightBytesOf } from "../weight-bytes.js";
import { Baseline } from "./baseline.js";
import type { PulseLayer, PulseSection, Trial } from "./section.js";
import { chooseLayers, findSubjects, type Job, jobsOf, type Subject } from "./subjects.js";
import { runTrial } from "./trials.js";

export interface PulseOptions {
  /** Time for all trials, in ms. Defaults to a minute. */
  readonly budgetMs?: number;
  /** Group counts that are tried where they divide. Defaults to twice, four times, ... what a layer has. */
  readonly groups?: readonly number[];
  /** Tries only these layers. Defaults to all. */
  readonly layers?: readonly string[];
}

const DEFAULT_BUDGET_MS = 60_000;

/** 切: what becomes of the outputs when a layer's groups are changed for real. */
export const pulse: Exam<"pulse", PulseSection, PulseOptions> = {
  id: "pulse",
  seedName: "切",
  title: "Trial",
  run,
};

async function run(
  { survey, data, memoryBytes, progress }: ExamContext,
  options: PulseOptions,
): Promise<ExamOutcome<PulseSection>> {
  const { budgetMs = DEFAULT_BUDGET_MS, groups, layers } = options;
  if (!(budgetMs > 0)) throw new UsageError(`pulse: budgetMs=${budgetMs} must be over 0`);
  for (const asked of groups ?? [])
    if (!Number.isSafeInteger(asked) || asked < 2)
      throw new UsageError(`pulse: groups=${asked} must be a whole number from 2`);
  const needed = bytesOfTwo(survey);
  if (needed > memoryBytes)
    throw new UsageError(
      `pulse: the network and the changed one, open at once, take about ${needed} bytes, which must be at most memoryBytes=${memoryBytes}; smaller batches take less`,
    );
  const found = await findSubjects(survey, groups);
  const chosen = chooseLayers(found.subjects, layers);
  const jobs = chosen.flatMap(jobsOf);
  if (jobs.length === 0)
    throw new UsageError(
      found.skipped.length > 0
        ? `pulse: no layer's groups can be changed; ${found.skipped[0].name}: ${found.skipped[0].reason}`
        : "pulse: the model has no convolution whose groups can be changed",
    );

  const start = performance.now();
  const baseline = new Baseline(survey.model, data, memoryBytes - needed);
  const trials = new Map<Job, Trial>();
  const skipped = layers ? [] : [...found.skipped];
  let tried = 0;
  const leftMs = () => {
    const elapsedMs = performance.now() - start;
    const wanted = tried === 0 ? budgetMs : (elapsedMs / tried) * (jobs.length - tried);
    return Math.max(0, Math.min(budgetMs - elapsedMs, wanted));
  };
  const attempt = async (job: Job): Promise<Trial | null> => {
    const { name } = job.subject.convolution;
    await progress({
      what: `${name}, ${count(job.groups, "group")}, ${Math.ceil(leftMs() / 1000)} s left`,
      done: tried,
      total: jobs.length,
    });
    if (performance.now() - start > budgetMs) return null;
    tried++;
    try {
      const trial = await runTrial(job, baseline);
      if (trial) trials.set(job, trial);
      return trial;
    } catch (error) {
      if (!(error instanceof GroupconvError)) throw error;
      skipped.push({ name: `${name}, ${job.way} into ${job.groups}`, reason: error.message });
      return null;
    }
  };
  try {
    await inTurns(jobs, attempt);
  } finally {
    await baseline.release();
  }
  await progress({ what: count(tried, "trial"), done: tried, total: jobs.length });
  const section: PulseSection = {
    layers: chosen.map((subject) =>
      describe(
        subject,
        jobs.flatMap((job) => (job.subject === subject ? (trials.get(job) ?? []) : [])),
      ),
    ),
    samples: data.summary.samples,
    synthetic: data.summary.synthetic,
    budgetMs,
    elapsedMs: performance.now() - start,
    trials: jobs.length,
    untried: jobs.length - tried,
    skipped,
  };
  return { section, checks: [], notes: notesOn(section) };
}

/** Weights, and what the convolutions of a full batch write, of two networks. */
function bytesOfTwo({ model, convolutions }: ExamContext["survey"]): number {
  const values = sum(convolutions.map(({ outShape }) => product(outShape ?? [0])));
  return 2 * (weightBytesOf(model) + 4 * values);
}

/**
 * First every layer with its controls and its fewest new groups, those with the most operations first, as
 * groups save most there. Then the others, of the layers that bore the first the worst.
 */
async function inTurns(
  jobs: readonly Job[],
  attempt: (job: Job) => Promise<Trial | null>,
): Promise<void> {
  const macs = ({ subject }: Job) => subject.convolution.macs ?? 0;
  const isFirst = ({ subject, groups }: Job) => groups <= (subject.counts[0] ?? 1);
  const harm = new Map<Subject, number>();
  for (const job of jobs.filter(isFirst).sort((a, b) => macs(b) - macs(a))) {
    const trial = await attempt(job);
    if (job.way === "cut" && trial) harm.set(job.subject, worstOf(trial));
  }
  const harmOf = ({ subject }: Job) => harm.get(subject) ?? 0;
  const rest = jobs.filter((job) => !isFirst(job)).sort((a, b) => harmOf(b) - harmOf(a));
  for (const job of rest) await attempt(job);
}

function worstOf({ outputs }: Trial): number {
  return Math.max(...outputs.map(({ relativeError }) => relativeError ?? Infinity));
}

function describe({ convolution }: Subject, trials: readonly Trial[]): PulseLayer {
  const { name, op, outChannels, groups, channelsPerGroup, macs } = convolution;
  return { name, op, outChannels, groups, channelsPerGroup, macs, trials };
}

function notesOn({ skipped, untried, trials }: PulseSection): string[] {
  const notes = skipped.map(({ name, reason }) => `pulse: ${name} was left out: ${reason}`);
  if (untried > 0)
    notes.push(
      `pulse: ${count(untried, "trial")} of ${trials} not reached within the budget: give it more, or name layers`,
    );
  return notes;
}
