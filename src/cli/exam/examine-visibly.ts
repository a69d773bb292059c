import type { ExamReport } from "../../exams/index.node.js";
import { type CliContext, terminalWidth } from "../context.js";
import { StopSignals } from "../stop-signals.js";
import type { ExamJob } from "./exam-job.js";
import { examineInThread } from "./exam-thread.js";
import { ProgressLine } from "./progress-line.js";

/** Examines, and shows how far it is. Null when Ctrl-C stopped it: then all is said and the exit code is set. */
export async function examineVisibly(
  context: CliContext,
  job: ExamJob,
): Promise<ExamReport | null> {
  const { process } = context;
  const live = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  const line = new ProgressLine(process.stderr, {
    live,
    colors: live && !process.env.NO_COLOR,
    width: terminalWidth(context),
  });
  const stop = new StopSignals(process);
  try {
    const report = await examineInThread(job, (message) => line.tell(message), stop.signal);
    line.end();
    if (report !== null) return report;
    const keepsTimings = job.exams?.includes("ask") ?? true;
    const rest = keepsTimings ? "; timings that were made are kept for the next time" : "";
    process.stderr.write(`stopped${rest}\n`);
    process.exitCode = stop.exitCode;
    return null;
  } finally {
    line.end();
    stop.release();
  }
}
