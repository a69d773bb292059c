import { type Survey, survey } from "../../analysis/index.js";
import { DEFAULT_TARGET } from "../../runtime/index.js";
import { count } from "../../util/text.js";
import { runCheck } from "../check.js";
import type { Exam } from "../exam.js";
import { cheaperGroups } from "./cheaper-groups.js";
import { describeConfiguration } from "./kind.js";
import { offFastPath } from "./off-fast-path.js";
import { profileSurveyed } from "./profile-surveyed.js";
import type { AskSection, SweepSection } from "./section.js";
import { slowerThanDense } from "./slower-than-dense.js";
import { type SweepOptions, sweepSurveyed } from "./sweep-surveyed.js";

export type AskOptions = Omit<
  SweepOptions,
  "onProgress" | "onWarning" | "signal" | "layers" | "memoryBytes"
>;

/** 问: what each layer costs, and what it would with other groups. */
export const ask: Exam<"ask", AskSection, AskOptions> = {
  id: "ask",
  seedName: "问",
  title: "Cost",
  async run(context, options) {
    const { signal, memoryBytes, data, progress } = context;
    const surveyed = await withFastPaths(context.survey, options);
    await progress({ what: "profile", done: 0, total: 2 });
    const feeds = await data.batch(0);
    const profile = await profileSurveyed(surveyed, feeds, { ...options, memoryBytes, signal });
    let configurations = 0;
    const warnings: string[] = [];
    const { machine, sweep } = await sweepSurveyed(surveyed, {
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
    const section = { machine, profile, sweep };
    const checks = [slowerThanDense, cheaperGroups, offFastPath];
    return {
      section,
      checks: checks.map((check) => runCheck("ask", check, section)),
      notes: [...warnings, ...notesOf(section)],
    };
  },
};

/** For `ort-cpu`: as the fast paths are where the runtime shows what it runs. */
async function withFastPaths(surveyed: Survey, options: AskOptions): Promise<Survey> {
  const { target = DEFAULT_TARGET, readOptimisedGraph } = options;
  if (target !== "ort-cpu" || !readOptimisedGraph) return surveyed;
  return survey(surveyed.model, { ...surveyed.options, target, readOptimisedGraph });
}

function notesOf({ machine, profile, sweep }: AskSection): string[] {
  const notes: string[] = [];
  if (profile === null) notes.push("this runtime has no profiler: no times of single nodes");
  const open = sweep.configurations.filter(({ settled }) => !settled);
  if (open.length > 0) {
    const most = Math.max(...open.map(({ rounds }) => rounds));
    const within =
      sweep.elapsedMs < sweep.budgetMs
        ? `in up to ${count(most, "round")}, though time was left: it takes a quieter machine`
        : "within the budget: give it more, or a quieter machine";
    notes.push(
      `${count(open.length, "ranking")} of ${sweep.configurations.length} not settled ${within}`,
    );
  }
  const refused = sweep.configurations.flatMap(({ configuration, refused }) =>
    refused.map(({ groups, reason }) => {
      return `groups=${groups} of ${describeConfiguration(configuration)}: ${reason}`;
    }),
  );
  if (refused.length > 0) {
    const more = refused.length === 1 ? "" : `, and ${refused.length - 1} more`;
    notes.push(
      `${count(refused.length, "group count")} without times on ${machine.target}: ${refused[0]}${more}`,
    );
  }
  const missed = sweep.unswept.length;
  if (missed > 0) notes.push(`${count(missed, "layer")} without a sweep: ${reasonsOf(sweep)}`);
  return notes;
}

function reasonsOf({ unswept }: SweepSection): string {
  return [...new Set(unswept.map(({ reason }) => reason))].join("; ");
}
