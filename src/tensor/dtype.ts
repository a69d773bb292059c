/**
 * Every ONNX element type but UNDEFINED: its name here, its number in a file and its width.
 * Source: `TensorProto.DataType` in onnx.proto, IR version 14 (onnx 1.23.2).
 */
const table = {
  float32: { onnx: 1, bits: 32 },
  uint8: { onnx: 2, bits: 8 },
  int8: { onnx: 3, bits: 8 },
  uint16: { onnx: 4, bits: 16 },
  int16: { onnx: 5, bits: 16 },
  int32: { onnx: 6, bits: 32 },
  int64: { onnx: 7, bits: 64 },
  string: { onnx: 8, bits: 0 }, // no fixed width
  bool: { onnx: 9, bits: 8 },
  float16: { onnx: 10, bits: 16 },
  float64: { onnx: 11, bits: 64 },
  uint32: { onnx: 12, bits: 32 },
  uint64: { onnx: 13, bits: 64 },
  complex64: { onnx: 14, bits: 64 },
  complex128: { onnx: 15, bits: 128 },
  bfloat16: { onnx: 16, bits: 16 },
  float8e4m3fn: { onnx: 17, bits: 8 },
  float8e4m3fnuz: { onnx: 18, bits: 8 },
  float8e5m2: { onnx: 19, bits: 8 },
  float8e5m2fnuz: { onnx: 20, bits: 8 },
  uint4: { onnx: 21, bits: 4 },
  int4: { onnx: 22, bits: 4 },
  float4e2m1: { onnx: 23, bits: 4 },
  float8e8m0: { onnx: 24, bits: 8 },
  uint2: { onnx: 25, bits: 2 },
  int2: { onnx: 26, bits: 2 },
  float6e2m3: { onnx: 27, bits: 6 },
  float6e3m2: { onnx: 28, bits: 6 },
} as const;

/** An element type, by the name we use for it. */
export type DType = keyof typeof table;

export interface DTypeInfo {
  /** `TensorProto.DataType`, 1 to 28. */
  readonly onnx: number;
  /** Bits of one element in a file; 0 for strings, which have no fixed width. */
  readonly bits: number;
}

/** All element types, in the order of their ONNX numbers. */
export const dtypes = Object.keys(table) as readonly DType[];

const byOnnx = new Map<number, DType>(dtypes.map((dtype) => [table[dtype].onnx, dtype]));

export function dtypeInfo(dtype: DType): DTypeInfo {
  return table[dtype];
}

/** The element type with this ONNX number; undefined for 0 (UNDEFINED) and for numbers nobody knows. */
export function dtypeFromOnnx(code: number): DType | undefined {
  return byOnnx.get(code);
}

/** Bytes that hold `elementCount` elements. Types under 8 bits are packed; the last byte is filled up. */
export function byteLength(dtype: DType, elementCount: number): number {
  return Math.ceil((elementCount * table[dtype].bits) / 8);
}

/** Whether the type is a real floating-point number, of any width. */
export function isFloat(dtype: DType): boolean {
  return dtype.startsWith("float") || dtype === "bfloat16";
}
