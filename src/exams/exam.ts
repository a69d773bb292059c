import type { Survey } from "../analysis/index.js";
import type { CheckOutcome } from "./check.js";
import type { ExamData } from "./exam-data.js";

/** How far an exam is, in steps of equal weight. */
export interface Step {
  /** What is being done, for people: `layers 1 to 12 of 61`. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** What every exam is given. */
export interface ExamContext {
  /** The model's convolutions and shapes, at the shapes of the data's full batch. */
  readonly survey: Survey;
  /** The person's data, or synthetic; batches can be had again for every pass. */
  readonly data: ExamData;
  /** Most memory for what the exam keeps. */
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
  /**
   * Says how far it is, and is where an exam is given up: call it between runs of the runtime.
   * @throws the signal's reason.
   */
  progress(step: Step): Promise<void>;
}

/** An exam's part of the report, and what its checks found in it. */
export interface ExamOutcome<Section> {
  /** Plain JSON: numbers with their units in the names, no NaN and no infinity. */
  readonly section: Section;
  readonly checks: readonly CheckOutcome[];
  /** What a reader should know: layers left out, limits reached. */
  readonly notes: readonly string[];
}

/**
 * One examination. It measures, and hands its numbers to checks, which are pure functions of the section.
 * To add one: a folder here, a line in `all.ts`.
 */
export interface Exam<Id extends string = string, Section = unknown, Options = never> {
  readonly id: Id;
  /** The seed's word for it. */
  readonly seedName: string;
  readonly title: string;
  /** @throws GroupconvError when this model or these data cannot be examined; the other exams go on. */
  run(context: ExamContext, options: Options): Promise<ExamOutcome<Section>>;
}
