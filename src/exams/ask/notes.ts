import { sum } from "../../util/math.js";
import { count } from "../../util/text.js";
import { describeConfiguration } from "./kind.js";
import type { AskSection, ProfileSection, SweepSection } from "./section.js";

/** Of what the nodes of a run take together, what their medians leave when the runs are not disturbed. */
const LEAST_MEDIANS = 0.8;

/** What is to be known of the numbers besides the numbers. */
export function notesOf({ machine, profile, sweep }: AskSection): string[] {
  const notes: string[] = [];
  if (profile === null) notes.push("this runtime has no profiler: no times of single nodes");
  else if (isInterrupted(profile)) notes.push(interruptedText(profile));
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

/** Other work stops some nodes in each run, other ones in the next: the sum of a run has it, no median has. */
function isInterrupted(profile: ProfileSection): boolean {
  return mediansMs(profile) < LEAST_MEDIANS * profile.nodeSumMs.low;
}

function interruptedText(profile: ProfileSection): string {
  const [medians, whole] = [mediansMs(profile), profile.nodeSumMs.median].map((ms) =>
    ms.toPrecision(3),
  );
  return `the medians of the nodes add up to ${medians} ms, the nodes of one run to ${whole} ms: in each run other nodes had to wait, so the shares are of a run without waiting; a quieter machine or fewer threads tell more`;
}

function mediansMs({ nodes }: ProfileSection): number {
  return sum(nodes.map(({ ms }) => ms.median));
}
