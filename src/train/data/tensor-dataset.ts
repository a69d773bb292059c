import { type NumericDType, Tensor, zeros } from "../../tensor/index.js";
import { ShapeError, UsageError } from "../../util/errors.js";
import { product } from "../../util/math.js";
import type { Dataset } from "./dataset.js";

export interface TensorDatasetOptions {
  /** What each number of the input is multiplied by first. Defaults to 1 / 255 for uint8, else 1. */
  readonly scale?: number;
  /** Subtracted after that, one number for all channels or one a channel (axis 1). Defaults to 0. */
  readonly mean?: number | readonly number[];
  /** Divided by after that. Defaults to 1. */
  readonly std?: number | readonly number[];
}

/**
 * Examples held in memory.
 *
 * @param inputs `[size, ...]`, float32 or uint8; with channels `[size, C, ...]`.
 * @param targets `[size, ...]`, or several by the name of the output they belong to.
 * @throws ShapeError if the sizes differ or `mean` or `std` do not fit the channels.
 */
export function tensorDataset(
  inputs: Tensor,
  targets: Tensor | Readonly<Record<string, Tensor>>,
  options: TensorDatasetOptions = {},
): Dataset {
  const named = targets instanceof Tensor ? { output: targets } : targets;
  const [size, ...shape] = inputs.shape;
  if (inputs.dtype !== "float32" && inputs.dtype !== "uint8")
    throw new UsageError(`tensorDataset: inputs of dtype=${inputs.dtype} must be float32 or uint8`);
  for (const [name, target] of Object.entries(named))
    if (target.shape[0] !== size)
      throw new ShapeError(
        `tensorDataset: targets "${name}" [${target.shape}] must have as many rows as inputs [${inputs.shape}]`,
      );
  const normalise = normaliser(inputs.dtype, shape, options);
  const specs = Object.entries(named).map(
    ([
      name,
      {
        dtype,
        shape: [, ...rest],
      },
    ]) => [name, { dtype, shape: rest }],
  );
  return {
    size,
    example: { input: shape, targets: Object.fromEntries(specs) },
    batch: (indices) => ({
      input: normalise(pick(inputs, indices)),
      targets: Object.fromEntries(
        Object.entries(named).map(([name, target]) => [name, pick(target, indices)]),
      ),
    }),
  };
}

/** The rows of these numbers. */
function pick<D extends NumericDType>(source: Tensor<D>, indices: readonly number[]): Tensor<D> {
  const [size, ...rest] = source.shape;
  const row = product(rest);
  const picked = zeros([indices.length, ...rest], source.dtype);
  const [from, to] = [source.data as Uint8Array, picked.data as Uint8Array];
  for (const [i, index] of indices.entries()) {
    if (!(index >= 0 && index < size))
      throw new UsageError(`batch: index=${index} must be from 0 to ${size - 1}`);
    to.set(from.subarray(index * row, (index + 1) * row), i * row);
  }
  return picked;
}

function normaliser(
  dtype: NumericDType,
  shape: readonly number[],
  options: TensorDatasetOptions,
): (rows: Tensor) => Tensor<"float32"> {
  const { scale = dtype === "uint8" ? 1 / 255 : 1, mean = 0, std = 1 } = options;
  const channels = shape[0] ?? 1;
  const perChannel = (name: string, value: number | readonly number[]) => {
    const list = typeof value === "number" ? Array<number>(channels).fill(value) : value;
    if (list.length !== channels)
      throw new ShapeError(
        `tensorDataset: ${name} of ${list.length} numbers must have one for each of channels=${channels}`,
      );
    return list;
  };
  const means = perChannel("mean", mean);
  const factors = perChannel("std", std).map((s) => 1 / s);
  const isPlain = scale === 1 && means.every((m) => m === 0) && factors.every((f) => f === 1);
  const area = product(shape.slice(1));
  return (rows) => {
    if (isPlain && rows.dtype === "float32") return rows as Tensor<"float32">;
    const source = rows.data as Float32Array | Uint8Array;
    const data = new Float32Array(source.length);
    for (let start = 0, c = 0; start < data.length; start += area, c = (c + 1) % channels)
      for (let i = start; i < start + area; i++)
        data[i] = (source[i] * scale - means[c]) * factors[c];
    return new Tensor("float32", rows.shape, data);
  };
}
