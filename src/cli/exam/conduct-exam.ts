import { basename } from "node:path";
import { bindInputs } from "../../analysis/index.js";
import {
  checkSweep,
  type ExamData,
  type ExamId,
  type ExamReport,
  examine,
  keptWithin,
  readExamData,
  roomWithin,
  syntheticData,
} from "../../exams/index.node.js";
import type { Model } from "../../graph/index.js";
import { ShapeError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import { readNamedModel } from "../read-named-model.js";
import type { ExamJob, ExamMessage } from "./exam-job.js";

/** Reads model and data, and examines. @throws the signal's reason when given up. */
export async function conductExam(
  job: ExamJob,
  tell: (message: ExamMessage) => void,
  signal: AbortSignal,
): Promise<ExamReport> {
  if (job.exams?.includes("ask") ?? true) await checkSweep(job); // the exams before it take minutes
  tell({ type: "phase", what: "reading the model" });
  const model = await readNamedModel(job.model, job.modelName);
  bindInputs(model.graph, job.inputShapes, () => "unknown"); // refuses shapes that the model does not allow
  if (job.memoryBytes !== undefined) roomWithin(job.memoryBytes, model); // refuses what is too little for any data
  tell({ type: "phase", what: job.data === null ? "drawing pictures" : "reading the data" });
  const data = await readData(model, job);
  checkShapes(data, job.inputShapes);
  signal.throwIfAborted();
  const { memoryBytes, budgetMs, threads, target, browser } = job;
  return examine(model, data, {
    name: basename(job.model),
    exams: job.exams as readonly ExamId[] | undefined, // `examine` refuses other words
    memoryBytes: memoryBytes === undefined ? undefined : roomWithin(memoryBytes, model, data),
    ask: { budgetMs, threads, target, browser },
    pulse: { budgetMs },
    signal,
    onProgress: (progress) => tell({ type: "progress", progress }),
  });
}

async function readData(model: Model, job: ExamJob): Promise<ExamData> {
  const { data, images, inputShapes, batchSize, seed, samples, memoryBytes } = job;
  if (data === null)
    return syntheticData(model, { seed, samples, inputShapes, batchSize, memoryBytes });
  return readExamData(model, data, {
    images,
    batchSize,
    memoryBytes,
    keepBytes: memoryBytes === undefined ? undefined : keptWithin(memoryBytes),
  });
}

/** Shapes that were asked for, and that the data are not of. */
function checkShapes({ inputShapes }: ExamData, wanted: ExamJob["inputShapes"]): void {
  for (const [name, shape] of Object.entries(wanted)) {
    const given = inputShapes[name];
    // A batch is no larger than the data are many.
    if (String(given.slice(1)) !== String(shape.slice(1)))
      throw new ShapeError(
        `--input ${printable(name)}: shape=[${shape}] must be that of the data, [${given}], but for the first axis`,
      );
  }
}
