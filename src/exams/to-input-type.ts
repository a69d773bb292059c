import { isFloat, type Tensor, tensor, toFloat64 } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { product } from "../util/math.js";
import { printable } from "../util/text.js";
import type { ModelInput } from "./model-input.js";

/**
 * A batch in the type its input takes: floats of any width into one another, whole numbers into floats and
 * into other whole numbers that hold them.
 *
 * @param firstSample Number of the batch's first sample, for messages; null where it is one value for all samples.
 * @throws UsageError for NaN and infinity, and for numbers that the type does not hold.
 */
export function toInputType(batch: Tensor, input: ModelInput, firstSample: number | null): Tensor {
  const { dtype, shape } = batch;
  const where = `data for input "${printable(input.name)}"`;
  if (dtype.startsWith("complex"))
    throw new UsageError(`${where}: ${dtype} numbers are not real; the model takes ${input.dtype}`);
  const isDirect = dtype === input.dtype;
  if (isDirect && !isFloat(dtype)) return batch;
  const numbers =
    dtype === "float32" ? (batch.data as Float32Array) : toFloat64(dtype, batch.bytes, batch.size);
  if (isFloat(dtype)) checkFinite(numbers, shape, where, firstSample);
  if (isDirect) return batch;
  try {
    return tensor(numbers, shape, input.dtype);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(`${where}: ${dtype} numbers into ${input.dtype}: ${cause.message}`, {
      help: cause.help,
      cause,
    });
  }
}

function checkFinite(
  numbers: ArrayLike<number>,
  shape: readonly number[],
  where: string,
  firstSample: number | null,
): void {
  for (let i = 0; i < numbers.length; i++) {
    if (Number.isFinite(numbers[i])) continue;
    const perSample = product(shape.slice(1));
    const place =
      firstSample === null
        ? `holds ${numbers[i]} at element=${i}`
        : `sample=${firstSample + Math.floor(i / perSample)} holds ${numbers[i]} at element=${i % perSample}`;
    throw new UsageError(`${where}: ${place}; every number must be finite`);
  }
}
