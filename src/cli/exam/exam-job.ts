import type { ExamProgress, ExamReport, ImageOptions } from "../../exams/index.node.js";
import type { TimedTarget } from "../../runtime/index.js";

/** An examination to be made, as it can be sent to another thread. */
export interface ExamJob {
  /** Absolute path of the model. */
  readonly model: string;
  /** How the person called it; for messages. */
  readonly modelName: string;
  /** Absolute paths: one for the model's only input, or one an input. Null draws pictures. */
  readonly data: string | Readonly<Record<string, string>> | null;
  readonly images: ImageOptions;
  readonly inputShapes: Readonly<Record<string, readonly number[]>>;
  readonly batchSize?: number;
  /** Of drawn pictures. */
  readonly seed?: number;
  readonly samples?: number;
  readonly exams?: readonly string[];
  readonly memoryBytes?: number;
  readonly budgetMs?: number;
  readonly threads?: number;
  /** What `ask` times on. */
  readonly target?: TimedTarget;
  /** Path of a browser's program, as the person gave it. */
  readonly browser?: string;
}

/** What the thread says. */
export type ExamMessage =
  | { readonly type: "phase"; readonly what: string }
  | { readonly type: "progress"; readonly progress: ExamProgress }
  | { readonly type: "report"; readonly report: ExamReport }
  | { readonly type: "stopped" }
  /** The caller's to mend, with the way out; errors lose their class between threads. */
  | { readonly type: "refused"; readonly message: string; readonly help?: string };

/** What the thread is told: to stop between two runs of the runtime. */
export const STOP = "stop";
