import { type ExamFormat, renderExam } from "../../report/index.js";
import type { TimedTarget } from "../../runtime/index.js";
import { UsageError } from "../../util/errors.js";
import type { CliContext } from "../context.js";
import { type GivenInputs, shapesByName } from "../input-shapes.js";
import { chosenFormat, type OutputFlags, ReportOutput } from "../report-output.js";
import type { FailOn } from "../severity.js";
import { examineVisibly } from "./examine-visibly.js";
import { examExitCode } from "./exit-code.js";
import { dataPaths, flagsToJob, type MeasuringFlags } from "./flags-to-job.js";

export interface ExamFlags extends MeasuringFlags, OutputFlags {
  readonly target?: TimedTarget;
  readonly input?: GivenInputs;
  readonly format?: ExamFormat;
  readonly json?: boolean;
  readonly failOn?: FailOn;
}

/** `groupconv exam`: examines a model on data, in a thread of its own. */
export async function runExam(this: CliContext, flags: ExamFlags, path: string): Promise<void> {
  const { input = [], failOn = "error" } = flags;
  const format = chosenFormat(flags) ?? "terminal";
  if (flags.target !== undefined && flags.exams?.includes("ask") === false)
    throw new UsageError("--target is for ask, which --exams leaves out");
  const job = { ...flagsToJob(this.cwd, flags, shapesByName(input), path), target: flags.target };
  const output = new ReportOutput(this, flags, job.model, dataPaths(job));
  const report = await examineVisibly(this, job);
  if (report === null) return;
  await output.write((options) => renderExam(report, format, options));
  this.process.exitCode = examExitCode(report, report.findings, { failOn, named: flags.exams });
}
