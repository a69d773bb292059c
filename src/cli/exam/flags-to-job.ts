import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { imagePresets } from "../../exams/index.js";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import type { ExamJob } from "./exam-job.js";
import { PICTURE_FLAGS, type PictureFlags } from "./picture-flags.js";

/** Flags that say what is measured, and on what. */
export interface MeasuringFlags extends PictureFlags {
  readonly data?: readonly string[];
  readonly exams?: readonly string[];
  readonly memory?: number;
  readonly budget?: number;
  readonly threads?: number;
  readonly browser?: string;
  readonly limit?: number;
  readonly seed?: number;
}

const ARRAY_FILE = /\.np[yz]$/i;

type InputShapes = ExamJob["inputShapes"];

/** @throws UsageError when flags contradict each other. */
export function flagsToJob(
  cwd: string,
  flags: MeasuringFlags,
  inputShapes: InputShapes,
  path: string,
): ExamJob {
  const { limit, seed, exams, memory, budget, threads, browser } = flags;
  const data = dataOf(cwd, flags.data ?? []);
  if (data !== null && seed !== undefined)
    throw new UsageError("--seed is for drawn pictures, and --data gives others");
  const paths = dataPaths({ data });
  const readsPictures = paths.some((file) => !ARRAY_FILE.test(file));
  if (!readsPictures) refusePictureFlags(flags, data === null);
  if (limit !== undefined && data !== null && !readsPictures)
    throw new UsageError("--limit is for pictures; of arrays all samples are taken");
  refuseIdle(exams, flags);
  return {
    model: resolve(cwd, path),
    modelName: path,
    data,
    images: imageOptions(flags, pictureSize(inputShapes, data, flags.layout)),
    inputShapes,
    batchSize: batchSize(inputShapes),
    seed,
    samples: limit,
    exams,
    memoryBytes: memory,
    budgetMs: budget,
    threads,
    browser,
  };
}

/** Refuses flags about pictures where none is read. */
function refusePictureFlags(flags: MeasuringFlags, isDrawn: boolean): void {
  const given = PICTURE_FLAGS.filter((name) => flags[name] !== undefined);
  if (given.length === 0) return;
  const words = given.map((name) => `--${name}`).join(", ");
  const instead = isDrawn ? "without --data they are drawn" : "arrays are taken as they are";
  throw new UsageError(
    `${words} ${given.length === 1 ? "is" : "are"} for pictures of yours; ${instead}`,
  );
}

/** @param inputSize What `--input` says of height and width. */
function imageOptions(
  flags: MeasuringFlags,
  inputSize: [number, number] | undefined,
): ExamJob["images"] {
  const { pictures: preset, scale, mean, std, order, padding, layout } = flags;
  const fit = flags.fit ?? imagePresets[preset ?? "unit"].fit;
  if (padding !== undefined && fit !== "letterbox" && fit !== "corner")
    throw new UsageError(`--padding is for --fit letterbox and corner; ${fit} makes no border`);
  return {
    ...{ preset, scale, mean, std, order, fit: flags.fit, padding, layout },
    size: flags.size ?? inputSize,
    maxImages: flags.limit,
  };
}

/** Files and folders that the data of an examination are read from, absolute. */
export function dataPaths({ data }: Pick<ExamJob, "data">): string[] {
  return data === null ? [] : typeof data === "string" ? [data] : Object.values(data);
}

/** Exams that a flag is for, where it is not for all. */
const FLAG_OF = {
  threads: ["ask"],
  browser: ["ask"],
  budget: ["ask", "pulse"],
} as const;

/** Refuses flags that do nothing for the exams that were chosen. */
function refuseIdle(exams: readonly string[] | undefined, flags: MeasuringFlags): void {
  if (!exams) return;
  for (const flag of Object.keys(FLAG_OF) as (keyof typeof FLAG_OF)[]) {
    const users = FLAG_OF[flag];
    if (flags[flag] === undefined || users.some((exam) => exams.includes(exam))) continue;
    throw new UsageError(`--${flag} is for ${users.join(" and ")}, which --exams leaves out`);
  }
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

/**
 * Height and width of the pictures that were given shapes for, `[N, C, H, W]` or `[N, H, W, C]`, where they agree.
 * Arrays have sizes of their own.
 */
function pictureSize(
  inputShapes: InputShapes,
  data: ExamJob["data"],
  layout: PictureFlags["layout"],
): [number, number] | undefined {
  const isArray = (name: string) =>
    data !== null && typeof data !== "string" && ARRAY_FILE.test(data[name] ?? "");
  const sizes = Object.entries(inputShapes)
    .filter(([name, { length }]) => length === 4 && !isArray(name))
    .map(([, [, second, third, last]]): [number, number] => {
      const isLast = layout ? layout === "NHWC" : last <= 4 && second > 4;
      return isLast ? [second, third] : [third, last];
    });
  return new Set(sizes.map(String)).size === 1 ? sizes[0] : undefined;
}

/** The first axis of the shapes given. */
function batchSize(inputShapes: InputShapes): number | undefined {
  const sizes = new Set(Object.values(inputShapes).map(([first]) => first));
  if (sizes.size > 1)
    throw new UsageError(
      `--input: batches of ${[...sizes].join(" and ")} samples; they must be equal`,
    );
  const [size] = sizes;
  return size;
}
