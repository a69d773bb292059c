import { once } from "node:events";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { ExamReport } from "../../exams/index.node.js";
import { UsageError } from "../../util/errors.js";
import { type ExamJob, type ExamMessage, STOP } from "./exam-job.js";

/**
 * Examines in a thread of its own, so that this one can tell how far it is and hear Ctrl-C.
 *
 * @returns null when it was stopped.
 * @throws UsageError with what the thread refused; what else went wrong there as it came.
 */
export async function examineInThread(
  job: ExamJob,
  onMessage: (message: ExamMessage) => void,
  signal: AbortSignal,
): Promise<ExamReport | null> {
  const worker = startWorker(job);
  const stop = () => worker.postMessage(STOP);
  signal.addEventListener("abort", stop, { once: true });
  let last: ExamMessage | undefined;
  worker.on("message", (message: ExamMessage) => {
    last = message;
    onMessage(message);
  });
  try {
    if (signal.aborted) stop();
    await once(worker, "exit"); // rejects with an error that the thread did not catch
  } finally {
    signal.removeEventListener("abort", stop);
  }
  if (last?.type === "report") return last.report;
  if (last?.type === "stopped") return null;
  if (last?.type === "refused") throw new UsageError(last.message, { help: last.help });
  throw new Error("the thread ended without a report");
}

function startWorker(job: ExamJob): Worker {
  const url = import.meta.url;
  // The thread's file lies beside this one, compiled or not; what is not compiled is by jiti.
  if (!url.endsWith(".ts"))
    return new Worker(new URL("exam-worker.js", url), { workerData: job, execArgv: [] });
  const register = pathToFileURL(createRequire(url).resolve("jiti/package.json"));
  return new Worker(new URL("exam-worker.ts", url), {
    workerData: job,
    execArgv: ["--import", new URL("lib/jiti-register.mjs", register).href],
  });
}
