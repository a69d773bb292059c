import { ask } from "./ask/index.js";
import type { Exam } from "./exam.js";
import { listen } from "./listen/index.js";
import { look } from "./look/index.js";
import { pulse } from "./pulse/index.js";

/** The examinations, in the order of the proverb: look, listen, ask, take the pulse. */
export const exams = { look, listen, ask, pulse } as const;

export type ExamId = keyof typeof exams;

/** What each exam adds to a report. */
export type Sections = {
  readonly [Id in ExamId]?: (typeof exams)[Id] extends Exam<string, infer Section, never>
    ? Section
    : never;
};

/** Options of each exam. */
export type OptionsByExam = {
  readonly [Id in ExamId]?: (typeof exams)[Id] extends Exam<string, unknown, infer Options>
    ? Options
    : never;
};
