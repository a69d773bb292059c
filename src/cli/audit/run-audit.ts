import { basename, resolve } from "node:path";
import { audit, type Preset } from "../../audits/index.js";
import type { ExamReport } from "../../exams/index.node.js";
import type { TargetId, Task } from "../../groups/index.js";
import { checkupOf, type RenderFormat, render, renderCheckup } from "../../report/index.js";
import { TIMED_TARGETS, type TimedTarget } from "../../runtime/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { UsageError } from "../../util/errors.js";
import { findConfig, loadConfig } from "../config.js";
import { type CliContext, EXIT_FINDINGS } from "../context.js";
import type { ExamJob } from "../exam/exam-job.js";
import { examExitCode } from "../exam/exit-code.js";
import { dataPaths, flagsToJob, type MeasuringFlags } from "../exam/flags-to-job.js";
import { MEASURING_FLAGS } from "../exam/measuring-flags.js";
import { type GivenInputs, shapesByName } from "../input-shapes.js";
import { readNamedModel } from "../read-named-model.js";
import { chosenFormat, type OutputFlags, ReportOutput } from "../report-output.js";
import { type FailOn, reaches } from "../severity.js";

export interface AuditFlags extends MeasuringFlags, OutputFlags {
  readonly task?: Task;
  readonly target?: TargetId;
  readonly preset?: Preset;
  readonly input?: GivenInputs;
  readonly format?: RenderFormat;
  readonly json?: boolean;
  readonly failOn?: FailOn;
  readonly config?: string;
  readonly exam?: boolean;
}

/** `groupconv audit`: the audits of a model and, with `--exam`, the exams beside them. */
export async function runAudit(this: CliContext, flags: AuditFlags, path: string): Promise<void> {
  if (!flags.exam) refuseMeasuringFlags(flags);
  const given = chosenFormat(flags);
  const config = await loadConfig(this.cwd, flags.config);
  const file = resolve(this.cwd, path);
  const inputShapes = { ...config.inputs, ...shapesByName(flags.input ?? []) };
  const target = flags.target ?? config.target;
  const job = flags.exam
    ? { ...flagsToJob(this.cwd, flags, inputShapes, path), target: timedTarget(target) }
    : null;
  const read = [...(job ? dataPaths(job) : []), findConfig(this.cwd, flags.config) ?? []].flat();
  const output = new ReportOutput(this, flags, file, read);
  const model = await readNamedModel(file, path);
  const exam = job && (await examine(this, job));
  if (job && exam === null) return;
  const result = await audit(model, {
    name: basename(file),
    task: flags.task ?? config.task,
    target,
    preset: flags.preset ?? config.preset,
    inputShapes: exam ? batchShapes(exam) : inputShapes,
    roles: config.roles,
    severities: config.audits,
    readOptimisedGraph,
  });
  const format = given ?? config.format ?? "terminal";
  const failOn = flags.failOn ?? config.failOn ?? "error";
  if (exam) {
    await output.write((options) => renderCheckup(checkupOf(result, exam), format, options));
    const findings = [...result.findings, ...exam.findings];
    this.process.exitCode = examExitCode(exam, findings, { failOn, named: flags.exams });
  } else {
    await output.write((options) => render(result, format, options));
    if (reaches(result.findings, failOn)) this.process.exitCode = EXIT_FINDINGS;
  }
}

async function examine(context: CliContext, job: ExamJob): Promise<ExamReport | null> {
  const { examineVisibly } = await import("../exam/examine-visibly.js"); // rarely needed
  return examineVisibly(context, job);
}

/** What was examined is audited, so that both count the operations of the same batch. */
function batchShapes({ data }: ExamReport): ExamJob["inputShapes"] {
  return Object.fromEntries(data.inputs.map(({ name, shape }) => [name, shape]));
}

/** The exams time where the audits judge, if that can be timed. */
function timedTarget(target: TargetId | undefined): TimedTarget | undefined {
  return TIMED_TARGETS.find((timed) => timed === target);
}

function refuseMeasuringFlags(flags: AuditFlags): void {
  const given = MEASURING_FLAGS.filter((name) => flags[name] !== undefined);
  if (given.length === 0) return;
  const words = given.map((name) => `--${name}`).join(", ");
  throw new UsageError(`${words} ${given.length === 1 ? "is" : "are"} for the exams`, {
    help: "Add --exam to audit and examine in one, or run groupconv exam.",
  });
}
