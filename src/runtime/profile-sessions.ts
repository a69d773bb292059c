import { range, sum } from "../util/math.js";
import type { RunProfile } from "./profile.js";
import type { Trace } from "./trace.js";

/** What the runs of one session gave. */
export type SessionProfile = Trace & Pick<RunProfile, "plainMs">;

/** The runs of all sessions, one session after the other. A node that a session did not run took no time there. */
export function joinSessions(
  parts: readonly SessionProfile[],
): SessionProfile & Pick<RunProfile, "sessions"> {
  const runs = parts.map(({ wholeMs }) => wholeMs.length);
  const nodes = new Map<string, { node: SessionProfile["nodes"][number]; ms: number[] }>();
  for (const [session, part] of parts.entries()) {
    const before = sum(runs.slice(0, session));
    for (const node of part.nodes) {
      const known = nodes.get(node.name) ?? { node, ms: Array<number>(sum(runs)).fill(0) };
      for (const [run, ms] of node.ms.entries()) known.ms[before + run] = ms;
      nodes.set(node.name, known);
    }
  }
  return {
    nodes: [...nodes.values()].map(({ node, ms }) => ({ ...node, ms })),
    wholeMs: parts.flatMap(({ wholeMs }) => wholeMs),
    plainMs: parts.flatMap(({ plainMs }) => plainMs),
    sessions: parts.flatMap((_, session) => Array<number>(runs[session]).fill(session)),
  };
}

/** Numbers of every run, put together by the sessions that the runs were made in. */
export function bySession(
  numbers: readonly number[],
  { sessions }: Pick<RunProfile, "sessions">,
): number[][] {
  const count = sessions.reduce((most, session) => Math.max(most, 1 + session), 0); // runs may be many
  return range(count).map((session) => numbers.filter((_, run) => sessions[run] === session));
}
