import { FormatError, UsageError } from "../util/errors.js";
import { byteLength, type DType, dtypeInfo } from "./dtype.js";
import { decodeSmallFloat, encodeSmallFloat, isSmallFloat } from "./small-float.js";
import { toTyped } from "./typed-array.js";

/**
 * Raw bytes of any real numeric type as float32: exact for floats up to 32 bits and integers up to 24,
 * rounded to nearest for the rest, booleans as 0 and 1. A view, not a copy, where the type is float32.
 *
 * `elementCount` defaults to as many as the bytes hold; give it for types under 8 bits, whose last byte
 * may be part filling.
 *
 * @throws FormatError if the bytes do not hold exactly `elementCount` elements.
 * @throws UsageError for strings and complex numbers.
 */
export function toFloat32(dtype: DType, bytes: Uint8Array, elementCount?: number): Float32Array {
  const count = checkedCount(dtype, bytes, elementCount);
  if (dtype === "float32") return toTyped(dtype, bytes);
  return fill(new Float32Array(count), dtype, bytes);
}

/** As `toFloat32`, in float64: exact for all but integers beyond 2^53, which are rounded to nearest. */
export function toFloat64(dtype: DType, bytes: Uint8Array, elementCount?: number): Float64Array {
  const count = checkedCount(dtype, bytes, elementCount);
  if (dtype === "float64") return toTyped(dtype, bytes);
  return fill(new Float64Array(count), dtype, bytes);
}

/** Numbers as raw bytes of a float type: rounded to nearest, ties to even; overflow gives infinity. */
export function fromFloat32(
  dtype: "float32" | "float64" | "float16" | "bfloat16",
  values: ArrayLike<number>,
): Uint8Array {
  if (dtype === "float32") return bytesOf(Float32Array.from(values));
  if (dtype === "float64") return bytesOf(Float64Array.from(values));
  const patterns = new Uint16Array(values.length);
  for (let i = 0; i < patterns.length; i++) patterns[i] = encodeSmallFloat(dtype, values[i]);
  return bytesOf(patterns);
}

/** The memory of a typed array, as bytes. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function checkedCount(dtype: DType, bytes: Uint8Array, elementCount?: number): number {
  if (dtype === "string" || dtype.startsWith("complex"))
    throw new UsageError(`a ${dtype} tensor cannot be read as real numbers`);
  const count = elementCount ?? Math.floor((bytes.length * 8) / dtypeInfo(dtype).bits);
  if (byteLength(dtype, count) !== bytes.length)
    throw new FormatError(
      `${dtype} data of ${bytes.length} bytes must be ${byteLength(dtype, count)} bytes for ${count} elements`,
    );
  return count;
}

function fill<T extends Float32Array | Float64Array>(out: T, dtype: DType, bytes: Uint8Array): T {
  switch (dtype) {
    case "float32":
    case "float64":
    case "int8":
    case "uint8":
    case "int16":
    case "uint16":
    case "int32":
    case "uint32":
      out.set(toTyped(dtype, bytes));
      return out;
    case "int64":
    case "uint64": {
      const data = toTyped(dtype, bytes);
      for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
      return out;
    }
    case "float16":
    case "bfloat16": {
      const values = valuesOf(dtype);
      const patterns = toTyped(dtype, bytes);
      for (let i = 0; i < out.length; i++) out[i] = values[patterns[i]];
      return out;
    }
    default:
      return fillPacked(out, dtype, bytes);
  }
}

/** Types of 8 bits and fewer, packed from the lowest bit of the first byte on; 6-bit ones cross bytes. */
function fillPacked<T extends Float32Array | Float64Array>(
  out: T,
  dtype: DType,
  bytes: Uint8Array,
): T {
  const values = valuesOf(dtype);
  const { bits } = dtypeInfo(dtype);
  const mask = 2 ** bits - 1;
  for (let i = 0; i < out.length; i++) {
    const bit = i * bits;
    const byte = Math.floor(bit / 8);
    const pair = bytes[byte] | (bytes[byte + 1] << 8); // past the end: undefined << 8 is 0
    out[i] = values[(pair >> (bit % 8)) & mask];
  }
  return out;
}

const tables = new Map<DType, Float32Array>();

/** The number behind every bit pattern of a type of at most 16 bits. */
function valuesOf(dtype: DType): Float32Array {
  let table = tables.get(dtype);
  if (table === undefined) {
    table = Float32Array.from({ length: 2 ** dtypeInfo(dtype).bits }, (_, i) => decode(dtype, i));
    tables.set(dtype, table);
  }
  return table;
}

function decode(dtype: DType, pattern: number): number {
  if (isSmallFloat(dtype)) return decodeSmallFloat(dtype, pattern);
  if (dtype === "bool") return pattern === 0 ? 0 : 1;
  if (dtype === "float8e8m0") return pattern === 255 ? Number.NaN : 2 ** (pattern - 127);
  const { bits } = dtypeInfo(dtype);
  const negative = dtype.startsWith("int") && pattern >= 2 ** (bits - 1);
  return negative ? pattern - 2 ** bits : pattern;
}
