import type { Dim, Model } from "../graph/index.js";
import type { Tensors } from "../runtime/index.js";
import { Tensor } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { product, sum } from "../util/math.js";
import { printable } from "../util/text.js";
import { checkBatchMemory } from "./batch-memory.js";
import { byInput, type ModelInput, printDims } from "./model-input.js";
import { toInputType } from "./to-input-type.js";

/** Something that was to be a sample and could not be read. */
export interface SkippedSample {
  readonly name: string;
  readonly reason: string;
}

/** What the numbers of a report were measured on. */
export interface DataSummary {
  /** In words: `12 images of examples/images`, `x.npy`. */
  readonly source: string;
  /** Drawn here and not the person's: what the numbers say of real data is then open. */
  readonly synthetic: boolean;
  /** Of synthetic data; null otherwise. */
  readonly seed: number | null;
  readonly samples: number;
  readonly inputs: readonly {
    readonly name: string;
    readonly dtype: string;
    /** Of a full batch. */
    readonly shape: readonly number[];
    /** False where the input holds one value for all samples, such as a weight. */
    readonly perSample: boolean;
  }[];
  readonly skipped: readonly SkippedSample[];
  /** Samples left over where the model takes only full batches. */
  readonly leftOver: number;
}

/** Batches for a model's inputs, checked against it. A batch can be asked for any number of times. */
export interface ExamData {
  readonly summary: DataSummary;
  /** Shapes of the inputs in a full batch, by name. */
  readonly inputShapes: Readonly<Record<string, readonly number[]>>;
  readonly batchCount: number;
  /** What stays in memory between batches: of the samples, and values for all of them. */
  readonly heldBytes: number;
  /**
   * Every free input of the model by name. The last batch may be smaller along axis 0, where the model
   * leaves that open.
   * @throws UsageError when the samples hold NaN or infinity, or numbers the input's type does not hold.
   */
  batch(index: number): Promise<Tensors>;
}

/** Samples of a batch; the last may have fewer than the others. */
export function samplesIn({ summary }: ExamData, index: number): number {
  const size = batchSizeOf(summary);
  return Math.min(size, summary.samples - index * size);
}

/** Samples of a full batch. */
export function batchSizeOf({ inputs, samples }: DataSummary): number {
  return inputs.find(({ perSample }) => perSample)?.shape[0] ?? samples;
}

/** The samples for one input. */
export interface Column {
  readonly samples: number;
  /** Shape of one sample, without the batch axis. */
  readonly sampleShape: readonly number[];
  /** What of them stays in memory. */
  readonly heldBytes: number;
  /** Samples `start` to `end - 1` as `[end - start, ...sampleShape]`, of any type that converts. */
  slice(start: number, end: number): Promise<Tensor>;
}

export interface ColumnsOptions {
  readonly source: string;
  readonly seed?: number | null;
  readonly skipped?: readonly SkippedSample[];
  /**
   * Samples in a batch, where the model leaves that open. Defaults to as many as make half a million
   * elements, 64 at most.
   */
  readonly batchSize?: number;
  /** What a batch may take at most, in bytes: `memoryBytes` of `examine`. Defaults to 1 GiB. */
  readonly memoryBytes?: number;
}

const MOST_SAMPLES_A_BATCH = 64;
const ELEMENTS_A_BATCH = 2 ** 19;

/**
 * Data for a model from one column an input, by name. A tensor instead is one value for all samples.
 *
 * @throws UsageError when an input has no data or is unknown.
 * @throws UsageError, too, when a batch takes more memory than there is.
 * @throws ShapeError, with both shapes, when samples do not fit their input.
 */
export function dataFromColumns(
  model: Model,
  columns: Readonly<Record<string, Column | Tensor>>,
  options: ColumnsOptions,
): ExamData {
  const { source, seed = null, skipped = [] } = options;
  const pairs = byInput(model, columns);
  if (pairs.length === 0) throw new UsageError("the model has no inputs to give data to");
  const sampled: { input: ModelInput; column: Column }[] = [];
  const shared: { input: ModelInput; value: Tensor }[] = [];
  for (const { input, given } of pairs) {
    const { name, isShared } = input;
    if (given instanceof Tensor) shared.push({ input, value: given });
    else if (!isShared) sampled.push({ input, column: given });
    else
      throw new UsageError(
        `data for input "${printable(name)}", which is one value for all samples: give a tensor, and no column of samples`,
      );
  }
  for (const { input, value } of shared) checkValue(input, value);
  for (const { input, column } of sampled) checkShape(input, column);
  if (sampled.length === 0)
    throw new UsageError(
      "data: the model has one value for all samples at each of its inputs, and none takes samples",
    );
  const all = commonSamples(
    sampled.map(({ input, column }) => [input.name, column.samples] as const),
  );
  const fixed = commonBatchSize(sampled.map(({ input }) => input));
  const perSample = Math.max(...sampled.map(({ column }) => product(column.sampleShape)));
  const size = fixed ?? options.batchSize ?? fittingBatchSize(perSample);
  if (!Number.isSafeInteger(size) || size < 1)
    throw new UsageError(`batchSize=${size} must be a whole number from 1`);
  const batchSize = Math.min(size, fixed ?? all);
  const leftOver = fixed ? all % fixed : 0;
  const samples = all - leftOver;
  if (samples === 0)
    throw new ShapeError(
      `data: samples=${all} are fewer than the model's batch of ${fixed}; it takes only full ones`,
    );
  const values = Object.fromEntries(
    shared.map(({ input, value }) => [input.name, toInputType(value, input, null)]),
  );
  const inputs = pairs.map(({ input: { name, dtype }, given }) =>
    given instanceof Tensor
      ? { name, dtype, shape: given.shape, perSample: false }
      : { name, dtype, shape: [batchSize, ...given.sampleShape], perSample: true },
  );
  checkBatchMemory(inputs, options.memoryBytes);
  return {
    summary: { source, synthetic: seed !== null, seed, samples, inputs, skipped, leftOver },
    inputShapes: Object.fromEntries(inputs.map(({ name, shape }) => [name, shape])),
    batchCount: Math.ceil(samples / batchSize),
    heldBytes: sum([
      ...sampled.map(({ column }) => column.heldBytes),
      ...shared.map(({ value }) => value.bytes.byteLength),
    ]),
    async batch(index) {
      const start = index * batchSize;
      const end = Math.min(samples, start + batchSize);
      const tensors: Record<string, Tensor> = { ...values };
      for (const { input, column } of sampled)
        tensors[input.name] = toInputType(await column.slice(start, end), input, start);
      return tensors;
    },
  };
}

function checkShape({ name, dims }: ModelInput, { sampleShape }: Column): void {
  if (!fits(dims.slice(1), sampleShape) || dims.length === 0)
    throw new ShapeError(
      `data for input "${printable(name)}": shape=[n,${sampleShape}] does not fit the model's ${printDims(dims)}`,
      { help: "The first axis counts the samples." },
    );
}

function checkValue({ name, dims }: ModelInput, { shape }: Tensor): void {
  if (!fits(dims, shape))
    throw new ShapeError(
      `data for input "${printable(name)}": shape=[${shape}] does not fit the model's ${printDims(dims)}`,
      { help: "It is one value for all samples, and no axis counts them." },
    );
}

function fits(dims: readonly Dim[], shape: readonly number[]): boolean {
  return (
    dims.length === shape.length &&
    dims.every((dim, axis) => typeof dim !== "number" || dim === shape[axis])
  );
}

function commonSamples(counts: readonly (readonly [name: string, samples: number])[]): number {
  const [[first, samples]] = counts;
  for (const [name, other] of counts)
    if (other !== samples)
      throw new ShapeError(
        `data: input "${printable(name)}" has samples=${other}, and "${printable(first)}" has samples=${samples}; they must be equal`,
      );
  if (samples === 0) throw new UsageError("data: there is no sample");
  return samples;
}

function commonBatchSize(inputs: readonly ModelInput[]): number | null {
  const sizes = new Set(inputs.flatMap(({ batchSize }) => batchSize ?? []));
  if (sizes.size > 1)
    throw new UsageError(
      `data: the model's inputs differ in their first axis (${[...sizes].join(", ")}); samples cannot be counted along it`,
    );
  const [size = null] = sizes;
  return size;
}

function fittingBatchSize(elements: number): number {
  return Math.max(1, Math.min(MOST_SAMPLES_A_BATCH, Math.floor(ELEMENTS_A_BATCH / elements)));
}
