import { toFloat32, toFloat64 } from "./convert.js";
import type { DType } from "./dtype.js";
import { elementCount } from "./shape.js";

/** A tensor whose type and shape are known and whose elements are fetched only when asked for. */
export interface LazyTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Size of what `load` gives, in bytes. */
  readonly byteLength: number;
  /**
   * The elements as an ONNX file stores them raw: row-major, little-endian, types under 8 bits packed
   * from the lowest bit. Treat the bytes as read-only: they may be a view of shared memory.
   */
  load(): Promise<Uint8Array>;
  /**
   * The bytes from `offset` to `offset + length` of what `load` gives, without reading the rest. Absent
   * where a part cannot be had alone.
   */
  loadRange?(offset: number, length: number): Promise<Uint8Array>;
}

/** Loads a tensor of any real numeric type as float32; see `toFloat32`. */
export async function readFloat32(tensor: LazyTensor): Promise<Float32Array> {
  return toFloat32(tensor.dtype, await tensor.load(), elementCount(tensor.shape));
}

/** Loads a tensor of any real numeric type as float64; see `toFloat64`. */
export async function readFloat64(tensor: LazyTensor): Promise<Float64Array> {
  return toFloat64(tensor.dtype, await tensor.load(), elementCount(tensor.shape));
}
