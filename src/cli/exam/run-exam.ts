import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { ExamReport } from "../../exams/index.node.js";
import { writeFileAtomic } from "../../files/index.js";
import { type ExamFormat, renderExam } from "../../report/index.js";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import {
  type CliContext,
  EXIT_CANNOT_RUN,
  EXIT_FINDINGS,
  terminalWidth,
  wantsColors,
} from "../context.js";
import { type FailOn, reaches } from "../severity.js";
import { StopSignals } from "../stop-signals.js";
import type { ExamJob } from "./exam-job.js";
import { examineInThread } from "./exam-thread.js";
import { ProgressLine } from "./progress-line.js";

export interface ExamFlags {
  readonly data?: readonly string[];
  readonly pictures?: string;
  readonly input?: readonly (readonly [string, number[]])[];
  readonly exams?: readonly string[];
  readonly memory?: number;
  readonly budget?: number;
  readonly threads?: number;
  readonly limit?: number;
  readonly seed?: number;
  readonly format?: ExamFormat;
  readonly json?: boolean;
  readonly output?: string;
  readonly failOn?: FailOn;
  readonly verbose?: boolean;
}

/** `groupconv exam`: examines a model on data, in a thread of its own. */
export async function runExam(this: CliContext, flags: ExamFlags, path: string): Promise<void> {
  const job = jobOf(this.cwd, flags, path);
  const target = flags.output === undefined ? undefined : resolve(this.cwd, flags.output);
  if (target === job.model) throw new UsageError(`--output ${flags.output} is the model itself`);
  const report = await examineVisibly(this, job);
  if (report === null) return;
  await print(this, report, flags, target);
  if (report.exams.every(({ status }) => status === "failed"))
    this.process.exitCode = EXIT_CANNOT_RUN;
  else if (reaches(report.findings, flags.failOn ?? "error")) this.process.exitCode = EXIT_FINDINGS;
}

/** Null when Ctrl-C stopped it. */
async function examineVisibly(context: CliContext, job: ExamJob): Promise<ExamReport | null> {
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
    process.stderr.write("stopped; timings that were made are kept for the next time\n");
    process.exitCode = stop.exitCode;
    return null;
  } finally {
    line.end();
    stop.release();
  }
}

async function print(
  context: CliContext,
  report: ExamReport,
  { output, verbose, json, format = json ? "json" : "terminal" }: ExamFlags,
  target: string | undefined,
): Promise<void> {
  if (target === undefined) {
    const options = { colors: wantsColors(context), width: terminalWidth(context), verbose };
    context.process.stdout.write(await renderExam(report, format, options));
    return;
  }
  await writeFileAtomic(
    target,
    await renderExam(report, format, { colors: false, width: 120, verbose }),
  );
  context.process.stderr.write(`wrote ${output}\n`);
}

function jobOf(cwd: string, flags: ExamFlags, path: string): ExamJob {
  const { input = [], pictures, limit, seed, exams, memory, budget, threads } = flags;
  const data = dataOf(cwd, flags.data ?? []);
  if (data === null && pictures !== undefined)
    throw new UsageError("--pictures is for pictures of yours; without --data they are drawn");
  if (data !== null && seed !== undefined)
    throw new UsageError("--seed is for drawn pictures, and --data gives others");
  const paths = data === null ? [] : typeof data === "string" ? [data] : Object.values(data);
  if (limit !== undefined && paths.some((file) => /\.np[yz]$/i.test(file)))
    throw new UsageError("--limit is for pictures; of arrays all samples are taken");
  const inputShapes = Object.fromEntries(input);
  if (Object.keys(inputShapes).length < input.length)
    throw new UsageError("--input: an input is given twice");
  return {
    model: resolve(cwd, path),
    modelName: path,
    data,
    images: { preset: pictures, maxImages: limit, size: pictureSize(input) },
    inputShapes,
    batchSize: batchSize(input),
    seed,
    samples: limit,
    exams,
    memoryBytes: memory,
    budgetMs: budget,
    threads,
  };
}

/** `path`, or `NAME=path` for each input. A path may have an equals sign of its own. */
function dataOf(cwd: string, given: readonly string[]): ExamJob["data"] {
  if (given.length === 0) return null;
  const parts = given.map((text) => {
    const at = existsSync(resolve(cwd, text)) ? -1 : text.indexOf("=");
    return { name: text.slice(0, Math.max(0, at)), path: resolve(cwd, text.slice(at + 1)) };
  });
  const [{ name, path }] = parts;
  if (parts.length === 1 && name === "") return path;
  const named = new Map(parts.map((part) => [part.name, part.path]));
  if (named.has(""))
    throw new UsageError("several --data need the inputs' names: --data NAME=FILE");
  if (named.size < parts.length)
    throw new UsageError(
      `--data: an input is given twice: ${parts.map((one) => printable(one.name)).join(", ")}`,
    );
  return Object.fromEntries(named);
}

/** Height and width of the one picture shape that was given, `[N, C, H, W]` or `[N, H, W, C]`. */
function pictureSize(input: NonNullable<ExamFlags["input"]>): [number, number] | undefined {
  const shapes = input.map(([, shape]) => shape).filter(({ length }) => length === 4);
  if (shapes.length !== 1) return undefined;
  const [, second, third, last] = shapes[0];
  const channelsLast = last <= 4 && second > 4;
  return channelsLast ? [second, third] : [third, last];
}

/** The first axis of the shapes given. */
function batchSize(input: NonNullable<ExamFlags["input"]>): number | undefined {
  const sizes = new Set(input.map(([, [first]]) => first));
  if (sizes.size > 1)
    throw new UsageError(
      `--input: batches of ${[...sizes].join(" and ")} samples; they must be equal`,
    );
  const [size] = sizes;
  return size;
}
