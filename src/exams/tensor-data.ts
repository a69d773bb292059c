import type { Model } from "../graph/index.js";
import { dtypeInfo, Tensor, toTyped } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { product } from "../util/math.js";
import { printable } from "../util/text.js";
import { type Column, dataFromColumns, type ExamData } from "./exam-data.js";
import { type ModelInput, modelInputs } from "./model-input.js";

export interface TensorDataOptions {
  /** Where the tensors come from, in words. Defaults to `tensors in memory`. */
  readonly source?: string;
  /** See `ColumnsOptions`. */
  readonly batchSize?: number;
  /** See `ColumnsOptions`. */
  readonly memoryBytes?: number;
}

/**
 * Data from tensors in memory, such as `readNpy` and `readNpz` give: `[samples, ...]`, or one sample
 * without the first axis; for an input that is a weight, its value, which is the same for all samples. One tensor is for a model with one input; several go by the inputs' names.
 *
 * @throws UsageError, ShapeError as {@link dataFromColumns}; UsageError at once for NaN and infinity.
 */
export async function tensorData(
  model: Model,
  tensors: Tensor | Readonly<Record<string, Tensor>>,
  options: TensorDataOptions = {},
): Promise<ExamData> {
  const { source = "tensors in memory", batchSize, memoryBytes } = options;
  const inputs = modelInputs(model);
  const named = tensors instanceof Tensor ? { [onlyInput(inputs).name]: tensors } : tensors;
  const columns = Object.entries(named).map(([name, tensor]) => {
    const input = inputs.find((candidate) => candidate.name === name);
    return [name, dataFor(input, tensor)] as const;
  });
  const data = dataFromColumns(model, Object.fromEntries(columns), {
    source,
    batchSize,
    memoryBytes,
  });
  for (let index = 0; index < data.batchCount; index++) await data.batch(index);
  return data;
}

/** The one input of a model. @throws UsageError when there are several. */
export function onlyInput(inputs: readonly ModelInput[]): ModelInput {
  if (inputs.length !== 1)
    throw new UsageError(
      `data: the model has ${inputs.length} inputs; give data to each by its name: ${inputs.map(({ name }) => printable(name, 60)).join(", ")}`,
    );
  return inputs[0];
}

/** The samples in a tensor, or what it holds for all of them. */
export function dataFor(input: ModelInput | undefined, tensor: Tensor): Column | Tensor {
  return input?.isShared ? tensor : tensorColumn(tensor, input);
}

/** @param input What the samples are for; tells one sample from several. */
export function tensorColumn(tensor: Tensor, input: ModelInput | undefined): Column {
  const { dtype } = tensor;
  const { bits } = dtypeInfo(dtype);
  if (bits % 8 !== 0)
    throw new UsageError(`data: ${dtype} is packed; give the numbers in a type of whole bytes`);
  const isOneSample = input !== undefined && tensor.shape.length === input.dims.length - 1;
  const shape = isOneSample ? [1, ...tensor.shape] : tensor.shape;
  if (shape.length === 0) throw new ShapeError("data: a single number has no axis of samples");
  const [samples, ...sampleShape] = shape;
  const sampleBytes = (product(sampleShape) * bits) / 8;
  return {
    samples,
    sampleShape,
    heldBytes: tensor.bytes.byteLength,
    async slice(start, end) {
      const bytes = tensor.bytes.subarray(start * sampleBytes, end * sampleBytes);
      return new Tensor(dtype, [end - start, ...sampleShape], toTyped(dtype, bytes));
    },
  };
}
