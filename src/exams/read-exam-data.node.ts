import { basename } from "node:path";
import {
  decodeImages,
  FITS,
  fileSource,
  findImages,
  type ImageFiles,
  isImageName,
} from "../files/index.js";
import type { Model } from "../graph/index.js";
import { readNpy, readNpz, type Tensor } from "../tensor/index.js";
import { FormatError, ShapeError, UsageError } from "../util/errors.js";
import { count, printable } from "../util/text.js";
import { checkBatchMemory } from "./batch-memory.js";
import { type Column, dataFromColumns, type ExamData, type SkippedSample } from "./exam-data.js";
import { type ImageFormat, imageColumn, imageFormat, sampleShapeOf } from "./image-column.js";
import { findImagePreset, type ImagePreset, type ImagePresetName } from "./image-preset.js";
import { byInput, type ModelInput, modelInputs, printDims } from "./model-input.js";
import { dataFor, onlyInput } from "./tensor-data.js";

/** How pictures are prepared; each field on its own overrides the preset's. */
export interface ImageOptions extends Partial<Omit<ImagePreset, "order">> {
  /** Defaults to `unit`; for inputs of whole numbers, to `raw`. */
  readonly preset?: ImagePresetName;
  readonly order?: "rgb" | "bgr";
  /** Which axis holds the colours; read from the model's shape where that tells. */
  readonly layout?: "NCHW" | "NHWC";
  /** Most pictures to take, evenly spread over the folder. Defaults to 64. */
  readonly maxImages?: number;
}

export interface ReadExamDataOptions {
  readonly images?: ImageOptions;
  /** See `ColumnsOptions`. */
  readonly batchSize?: number;
  /** See `ColumnsOptions`. */
  readonly memoryBytes?: number;
  /** Most bytes of decoded pictures to keep, for all inputs alike; the others are decoded for every batch anew. Defaults to 128 MiB. */
  readonly keepBytes?: number;
}

const MOST_IMAGES = 64;
const KEEP_BYTES = 128 * 2 ** 20;

interface SourceOptions extends ReadExamDataOptions {
  /** For this source. */
  readonly keepBytes: number;
}

interface Source {
  readonly data: Column | Tensor;
  readonly words: string;
  readonly skipped: readonly SkippedSample[];
  /** Height and width of pictures. */
  readonly size?: readonly [number, number];
}

/**
 * Data for a model from files: a folder of pictures or one picture, `.npy`, or `.npz` with an array an
 * input. Several inputs go by name: `{ image: "pictures", mask: "mask.npy" }`.
 *
 * @throws FormatError for files that cannot be read; UsageError, ShapeError for what does not fit the model.
 */
export async function readExamData(
  model: Model,
  source: string | Readonly<Record<string, string>>,
  options: ReadExamDataOptions = {},
): Promise<ExamData> {
  const inputs = modelInputs(model);
  const sources = new Map<string, Source>();
  if (typeof source === "string" && /\.npz$/i.test(source)) {
    const arrays = await readArrays(source, readNpz);
    for (const { input, given } of byInput(model, named(arrays, inputs)))
      sources.set(input.name, arraySource(given, input, source));
  } else {
    const paths = typeof source === "string" ? { [onlyInput(inputs).name]: source } : source;
    const keepBytes = (options.keepBytes ?? KEEP_BYTES) / Object.keys(paths).length;
    for (const { input, given } of byInput(model, boxed(paths)))
      sources.set(input.name, await readSource(given.path, input, { ...options, keepBytes }));
  }
  checkSize([...sources.values()], options.images?.size);
  const columns = [...sources].map(([name, source]) => [name, source.data] as const);
  const data = dataFromColumns(model, Object.fromEntries(columns), {
    source: [...new Set([...sources.values()].map(({ words }) => words))].join(", "),
    skipped: [...sources.values()].flatMap(({ skipped }) => skipped),
    batchSize: options.batchSize,
    memoryBytes: options.memoryBytes,
  });
  for (let index = 0; index < data.batchCount; index++) await data.batch(index); // refuses NaN at once
  return data;
}

/** One array is for the one input, whatever its name; numpy calls it `arr_0`. */
function named(arrays: Map<string, Tensor>, inputs: readonly ModelInput[]): Record<string, Tensor> {
  const [first] = arrays.values();
  return arrays.size === 1 && inputs.length === 1
    ? { [inputs[0].name]: first }
    : Object.fromEntries(arrays);
}

function boxed(paths: Readonly<Record<string, string>>): Record<string, { path: string }> {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, { path }]));
}

async function readSource(
  path: string,
  input: ModelInput,
  options: SourceOptions,
): Promise<Source> {
  if (/\.npy$/i.test(path)) return arraySource(await readArrays(path, readNpy), input, path);
  if (input.isShared)
    throw new UsageError(
      `data for input "${printable(input.name)}", which is one value for all samples: "${printable(path)}" must be an .npy file`,
    );
  if (
    /\.[^./\\]+$/.test(path) &&
    !isImageName(path) &&
    /\.(npz|txt|csv|json|onnx|pt|bin)$/i.test(path)
  )
    throw new UsageError(
      `data for input "${printable(input.name)}": "${printable(path)}" must be a folder of pictures, a picture or an .npy file`,
    );
  return imageSource(await findImages(path), input, options);
}

function arraySource(array: Tensor, input: ModelInput, path: string): Source {
  return { data: dataFor(input, array), words: printable(basename(path)), skipped: [] };
}

async function imageSource(
  files: ImageFiles,
  input: ModelInput,
  { images: options = {}, keepBytes, batchSize = 1, memoryBytes }: SourceOptions,
): Promise<Source> {
  const isWhole = /^u?int/.test(input.dtype);
  const { layout, maxImages = MOST_IMAGES, preset: name = isWhole ? "raw" : "unit" } = options;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const preset: ImagePreset = { ...findImagePreset(name), ...Object.fromEntries(given) };
  checkPreset(preset, maxImages);
  const format = imageFormat(input, preset.size, layout);
  checkFormat(input, format, options);
  const { height, width, channels } = format;
  const { fit, padding } = preset;
  const samples = input.batchSize ?? Math.min(batchSize, files.names.length, maxImages);
  const shape = [samples, ...sampleShapeOf(format)];
  checkBatchMemory([{ ...input, shape }], memoryBytes);
  const wanted = { height, width, channels, fit, padding, maxImages, keepBytes };
  const decoded = await decodeImages(files, wanted);
  const taken = decoded.count;
  const of = taken < decoded.found ? ` of ${decoded.found}` : "";
  return {
    data: imageColumn(decoded, format, preset),
    words: `${of ? `${taken}${of} pictures` : count(taken, "picture")} in ${printable(basename(files.path))}`,
    skipped: decoded.skipped,
    size: [height, width],
  };
}

function checkPreset(
  { scale, mean, std, fit, padding, size }: ImagePreset,
  maxImages: number,
): void {
  const refuse = (what: string, must: string) => {
    throw new UsageError(`images: ${what} must be ${must}`);
  };
  const isPositive = (value: number) => Number.isFinite(value) && value > 0;
  if (!isPositive(scale)) refuse(`scale=${scale}`, "positive");
  if (![1, 3].includes(mean.length) || !mean.every(Number.isFinite))
    refuse(`mean=${mean}`, "1 or 3 numbers");
  if (![1, 3].includes(std.length) || !std.every(isPositive))
    refuse(`std=${std}`, "1 or 3 positive numbers");
  if (!FITS.includes(fit)) refuse(`fit="${printable(String(fit))}"`, `one of ${FITS.join(", ")}`);
  if (!Number.isInteger(padding) || padding < 0 || padding > 255)
    refuse(`padding=${padding}`, "a whole number from 0 to 255");
  if (size.length !== 2 || !size.every((value) => Number.isInteger(value) && isPositive(value)))
    refuse(`size=${size}`, "a height and a width in pixels");
  if (!Number.isInteger(maxImages) || maxImages < 1)
    refuse(`maxImages=${maxImages}`, "a whole number from 1");
}

/** What was asked for and the model does not take; of a preset it takes what it can. */
function checkFormat(
  { name, dims }: ModelInput,
  { channels }: ImageFormat,
  options: ImageOptions,
): void {
  for (const field of ["mean", "std"] as const) {
    const numbers = options[field];
    if (numbers && numbers.length !== 1 && numbers.length !== channels)
      throw new ShapeError(
        `pictures for input "${printable(name)}": ${field}=${numbers} must be 1 number, or channels=${channels} of ${printDims(dims)}`,
      );
  }
}

/** A size that was asked for is some input's, where the model leaves it open for one of several. */
function checkSize(sources: readonly Source[], wanted: ImageOptions["size"]): void {
  const sizes = sources.flatMap(({ size }) => (size ? [size.join("x")] : []));
  if (!wanted || sizes.length === 0 || sizes.includes(wanted.join("x"))) return;
  throw new ShapeError(
    `pictures: size=${wanted.join("x")} must be the size=${sizes.join(" or ")} that the model fixes`,
  );
}

/** What is wrong with a file is said with its name in front, as there may be several. */
async function readArrays<T>(path: string, parse: (bytes: Uint8Array) => T): Promise<T> {
  const bytes = await readWhole(path);
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${printable(basename(path))}: ${error.message}`, { cause: error });
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  const source = fileSource(path);
  try {
    return await source.read(0, source.size);
  } finally {
    source.close();
  }
}
