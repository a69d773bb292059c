/** The thread that `groupconv exam` measures in: one run of the runtime blocks its thread. */

import { parentPort, workerData } from "node:worker_threads";
import { quietRuntime } from "../../runtime/index.js";
import { GroupconvError } from "../../util/errors.js";
import { conductExam } from "./conduct-exam.js";
import { type ExamJob, type ExamMessage, STOP } from "./exam-job.js";

const port = parentPort!; // it is only ever started as a thread
const tell = (message: ExamMessage) => port.postMessage(message);
const stop = new AbortController();
port.on("message", (message) => {
  if (message === STOP) stop.abort();
});

quietRuntime();
try {
  tell({ type: "report", report: await conductExam(workerData as ExamJob, tell, stop.signal) });
} catch (error) {
  if (stop.signal.aborted) tell({ type: "stopped" });
  else if (error instanceof GroupconvError)
    tell({ type: "refused", message: error.message, help: error.help });
  else throw error;
} finally {
  port.close();
}
