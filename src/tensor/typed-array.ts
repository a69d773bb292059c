import { FormatError } from "../util/errors.js";
import { type DType, dtypeInfo } from "./dtype.js";

/** Every element type but string. */
export type NumericDType = Exclude<DType, "string">;

/**
 * The array that holds elements of a type as they are stored: bit patterns for 16-bit floats, bytes for
 * what is 8 bits wide or packed, (real, imaginary) pairs for complex numbers.
 */
export type TypedArrayOf<D extends NumericDType> = D extends "float32" | "complex64"
  ? Float32Array
  : D extends "float64" | "complex128"
    ? Float64Array
    : D extends "int8"
      ? Int8Array
      : D extends "int16"
        ? Int16Array
        : D extends "int32"
          ? Int32Array
          : D extends "int64"
            ? BigInt64Array
            : D extends "uint16" | "float16" | "bfloat16"
              ? Uint16Array
              : D extends "uint32"
                ? Uint32Array
                : D extends "uint64"
                  ? BigUint64Array
                  : Uint8Array;

export type TypedArray = TypedArrayOf<NumericDType>;

interface TypedArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

const classes: Partial<Record<NumericDType, TypedArrayClass>> = {
  float32: Float32Array,
  complex64: Float32Array,
  float64: Float64Array,
  complex128: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint16: Uint16Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
};

/** The class behind `TypedArrayOf`. */
export function typedArrayClass(dtype: NumericDType): TypedArrayClass {
  return classes[dtype] ?? Uint8Array;
}

/**
 * Raw little-endian bytes as the matching typed array: a view where the address allows it, else a copy.
 * Reads in the byte order of the machine, so it needs a little-endian one (every current browser and
 * Node platform but s390x).
 *
 * @throws FormatError if the bytes are not a whole number of elements.
 */
export function toTyped<D extends NumericDType>(dtype: D, bytes: Uint8Array): TypedArrayOf<D> {
  const elementBytes = Math.max(1, dtypeInfo(dtype).bits / 8);
  if (bytes.length % elementBytes !== 0)
    throw new FormatError(
      `toTyped: ${dtype} data of ${bytes.length} bytes must be a multiple of ${elementBytes} bytes`,
    );
  const Class = typedArrayClass(dtype);
  const aligned = bytes.byteOffset % Class.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new Class(
    aligned.buffer,
    aligned.byteOffset,
    aligned.byteLength / Class.BYTES_PER_ELEMENT,
  ) as TypedArrayOf<D>;
}
