import { survey } from "../analysis/index.js";
import type { Model } from "../graph/index.js";
import { UsageError } from "../util/errors.js";
import { nearestWord, printable } from "../util/text.js";
import { VERSION } from "../util/version.js";
import { type ExamId, exams, type OptionsByExam, type Sections } from "./all.js";
import { DEFAULT_MEMORY_BYTES } from "./batch-memory.js";
import type { CheckOutcome } from "./check.js";
import type { Exam, ExamContext, Step } from "./exam.js";
import type { ExamData } from "./exam-data.js";
import type { ExamReport, ExamRow } from "./report.js";

export interface ExamProgress extends Step {
  readonly exam: ExamId;
}

export interface ExamineOptions extends OptionsByExam {
  /** Which exams, in this order. Defaults to all. */
  readonly exams?: readonly ExamId[];
  /**
   * Most memory for what an exam keeps, in bytes: values, statistics, outputs. `roomWithin` says how much that is
   * when the process has a limit. Defaults to 1 GiB.
   */
  readonly memoryBytes?: number;
  readonly onProgress?: (progress: ExamProgress) => void;
  /** Gives the whole up, between two runs of the runtime. */
  readonly signal?: AbortSignal;
  /** What to call the model in the report; its graph's name when left out. */
  readonly name?: string;
}

const LEAST_MEMORY_BYTES = 2 ** 20;

/**
 * Examines a model on data: runs it, measures, and says what the numbers mean. An exam that cannot be made
 * on this model says why in its row, and the others go on.
 *
 * @throws UsageError when an option is out of range; the signal's reason when given up.
 */
export async function examine(
  model: Model,
  data: ExamData,
  options: ExamineOptions = {},
): Promise<ExamReport> {
  const { memoryBytes = DEFAULT_MEMORY_BYTES, onProgress, name = model.graph.name } = options;
  const { signal = new AbortController().signal } = options;
  const chosen = chooseExams(options.exams ?? (Object.keys(exams) as ExamId[]));
  if (!(memoryBytes >= LEAST_MEMORY_BYTES))
    throw new UsageError(
      `examine: memoryBytes=${memoryBytes} must be at least ${LEAST_MEMORY_BYTES}, which is 1 MiB`,
    );
  const surveyed = await survey(model, { inputShapes: data.inputShapes });
  const rows: ExamRow[] = [];
  const outcomes: CheckOutcome[] = [];
  const sections: Record<string, unknown> = {};
  const notes: string[] = [];
  for (const id of chosen) {
    const exam = exams[id] as Exam<ExamId>;
    const context: ExamContext = {
      survey: surveyed,
      data,
      memoryBytes,
      signal,
      progress: async (step) => {
        onProgress?.({ exam: id, ...step });
        await turn();
        signal.throwIfAborted();
      },
    };
    const start = performance.now();
    const row = (status: ExamRow["status"], reason: string | null): ExamRow => ({
      id,
      title: exam.title,
      status,
      reason,
      elapsedMs: performance.now() - start,
    });
    try {
      const outcome = await exam.run(context, (options[id] ?? {}) as never);
      sections[id] = outcome.section;
      outcomes.push(...outcome.checks);
      notes.push(...outcome.notes);
      rows.push(row("done", null));
    } catch (error) {
      if (signal.aborted) throw error;
      rows.push(row("failed", printable(error instanceof Error ? error.message : String(error))));
    }
  }
  return {
    schemaVersion: 1,
    tool: { name: "groupconv", version: VERSION },
    model: name,
    data: data.summary,
    exams: rows,
    sections: sections as Sections,
    checks: outcomes.map((outcome) => outcome.row),
    findings: outcomes.flatMap((outcome) => outcome.findings),
    notes,
  };
}

/** Lets timers and messages through, such as the one that gives the exam up. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function chooseExams(ids: readonly string[]): ExamId[] {
  const known = Object.keys(exams);
  if (ids.length === 0)
    throw new UsageError(`examine: no exam was asked for; there are ${known.join(", ")}`);
  for (const id of ids) {
    if (known.includes(id)) continue;
    const near = nearestWord(id, known);
    throw new UsageError(`examine: exam="${printable(id)}" is none of ${known.join(", ")}`, {
      help: near ? `Did you mean ${near}?` : undefined,
    });
  }
  return [...new Set(ids)] as ExamId[];
}
