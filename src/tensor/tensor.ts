import { ShapeError, UsageError } from "../util/errors.js";
import { bytesOf } from "./convert.js";
import { byteLength } from "./dtype.js";
import { fromNumbers } from "./from-numbers.js";
import type { LazyTensor } from "./lazy-tensor.js";
import { elementCount, stridesOf } from "./shape.js";
import {
  type NumericDType,
  type TypedArray,
  type TypedArrayOf,
  typedArrayClass,
} from "./typed-array.js";

/** A tensor in memory, row-major. Nobody writes to `data` or `shape` once it is made. */
export class Tensor<D extends NumericDType = NumericDType> implements LazyTensor {
  /**
   * @param data Elements as they are stored, not copied; see `TypedArrayOf`.
   * @throws ShapeError if the data do not fill the shape exactly.
   */
  constructor(
    readonly dtype: D,
    readonly shape: readonly number[],
    readonly data: TypedArrayOf<D>,
  ) {
    const count = elementCount(shape);
    const expected = byteLength(dtype, count);
    if (data.byteLength !== expected)
      throw new ShapeError(
        `tensor: data of ${data.byteLength} bytes must be ${expected} bytes for ${dtype} [${shape}]`,
      );
  }

  /** How many elements there are. */
  get size(): number {
    return elementCount(this.shape);
  }

  /** Elements from one index to the next, an axis each: `[2, 3, 4]` has `[12, 4, 1]`. */
  get strides(): number[] {
    return stridesOf(this.shape);
  }

  get byteLength(): number {
    return this.data.byteLength;
  }

  /** The elements as raw bytes, little-endian: a view, not a copy. */
  get bytes(): Uint8Array {
    return bytesOf(this.data);
  }

  async load(): Promise<Uint8Array> {
    return this.bytes;
  }
}

/**
 * A tensor of the given elements, row-major.
 *
 * A typed array of the class that stores `dtype` is taken as stored bits, without a copy: give a
 * `Uint16Array` of bit patterns for float16, packed bytes for int4. Anything else is converted number by
 * number, floats rounded to nearest. `dtype` defaults to what the typed array is named after, float32
 * for plain numbers and int64 for plain bigints.
 *
 * @throws ShapeError if the elements do not fill the shape exactly.
 * @throws UsageError if an element does not fit the type.
 */
export function tensor<D extends NumericDType>(
  data: ArrayLike<number | bigint>,
  shape: readonly number[],
  dtype: D,
): Tensor<D>;
export function tensor(
  data: Float32Array | readonly number[],
  shape: readonly number[],
): Tensor<"float32">;
export function tensor(data: TypedArray | readonly bigint[], shape: readonly number[]): Tensor;
export function tensor(
  data: ArrayLike<number | bigint>,
  shape: readonly number[],
  dtype: NumericDType = defaultDType(data),
): Tensor {
  const stored =
    data instanceof typedArrayClass(dtype) ? (data as TypedArray) : fromNumbers(dtype, data);
  return new Tensor(dtype, shape, stored);
}

/** All elements zero (the zero bit pattern, for any type). `dtype` defaults to float32. */
export function zeros(shape: readonly number[]): Tensor<"float32">;
export function zeros<D extends NumericDType>(shape: readonly number[], dtype: D): Tensor<D>;
export function zeros(shape: readonly number[], dtype: NumericDType = "float32"): Tensor {
  const Class = typedArrayClass(dtype);
  const bytes = byteLength(dtype, elementCount(shape));
  return new Tensor(dtype, shape, new Class(bytes / Class.BYTES_PER_ELEMENT));
}

/** All elements the same number. `dtype` defaults to float32. */
export function full(shape: readonly number[], value: number | bigint): Tensor<"float32">;
export function full<D extends NumericDType>(
  shape: readonly number[],
  value: number | bigint,
  dtype: D,
): Tensor<D>;
export function full(
  shape: readonly number[],
  value: number | bigint,
  dtype: NumericDType = "float32",
): Tensor {
  const result = zeros(shape, dtype);
  const [element] = fromNumbers(dtype, [value]);
  (result.data as { fill(value: number | bigint): unknown }).fill(element);
  return result;
}

/** One number, shape `[]`. `dtype` defaults to float32. */
export function scalar(value: number | bigint): Tensor<"float32">;
export function scalar<D extends NumericDType>(value: number | bigint, dtype: D): Tensor<D>;
export function scalar(value: number | bigint, dtype: NumericDType = "float32"): Tensor {
  return full([], value, dtype);
}

function defaultDType(data: ArrayLike<number | bigint>): NumericDType {
  if (Array.isArray(data)) return typeof data[0] === "bigint" ? "int64" : "float32";
  const dtype = namesakes.find((name) => data instanceof typedArrayClass(name));
  if (dtype === undefined)
    throw new UsageError(
      "tensor: dtype must be given for data that is neither a plain nor a typed array",
    );
  return dtype;
}

const namesakes = [
  "float32",
  "float64",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
] as const;
