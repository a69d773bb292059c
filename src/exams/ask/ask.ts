import { type Survey, survey } from "../../analysis/index.js";
import { DEFAULT_TARGET } from "../../runtime/index.js";
import { runCheck } from "../check.js";
import type { Exam } from "../exam.js";
import { cheaperGroups } from "./cheaper-groups.js";
import { notesOf } from "./notes.js";
import { offFastPath } from "./off-fast-path.js";
import { profileSurveyed } from "./profile-surveyed.js";
import type { AskSection } from "./section.js";
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
