import { byteLength, type DType, dtypeInfo, elementCount } from "../tensor/index.js";
import type { Payload, TensorProto } from "./schema.js";
import { WireReader } from "./wire.js";

/** Most bytes of a number of 64 bits in protobuf. */
const LONGEST_VARINT = 10;

/** The stored bytes of a tensor's numbers: those of `raw_data`, else of the one field its type may use. */
export function storedPieces(proto: TensorProto, dtype: DType): readonly Payload[] {
  return proto.rawData ? [proto.rawData] : (proto[typedField(dtype)] ?? []);
}

/** Do the stored bytes lie as `LazyTensor.load` gives them? Else they are varints. */
export function isPlain(proto: TensorProto, dtype: DType): boolean {
  const field = typedField(dtype);
  return proto.rawData !== undefined || field === "floatData" || field === "doubleData";
}

/** Can this many bytes hold the varints of the tensor? Each takes from one to ten. */
export function mayHoldVarints(length: number, dtype: DType, shape: readonly number[]): boolean {
  const entries = entryCount(dtype, shape);
  return entries <= length && length <= LONGEST_VARINT * entries;
}

/**
 * Numbers of `int32_data`, `int64_data` or `uint64_data` in the raw form.
 * @throws Error when there are more or fewer than the shape asks for, or one is cut short.
 */
export function bytesOfVarints(
  varints: Uint8Array,
  dtype: DType,
  shape: readonly number[],
): Uint8Array {
  const bytes = new Uint8Array(byteLength(dtype, elementCount(shape)));
  const view = new DataView(bytes.buffer);
  const { bits } = dtypeInfo(dtype);
  const reader = new WireReader(varints);
  const entries = entryCount(dtype, shape);
  for (let i = 0; i < entries; i++) {
    if (reader.pos === varints.length) throw new Error(`it holds ${i} numbers, not ${entries}`);
    const value = reader.signed();
    if (bits === 64) view.setBigUint64(8 * i, BigInt.asUintN(64, BigInt(value)), true);
    else if (bits === 32) view.setUint32(4 * i, low32(value), true);
    else if (bits === 16) view.setUint16(2 * i, low32(value), true);
    else if (bits === 6) putSixBits(bytes, 6 * i, low32(value));
    else bytes[i] = low32(value);
  }
  if (reader.pos < varints.length) throw new Error(`it holds more than ${entries} numbers`);
  return bytes;
}

/** The fields of TensorProto that each type may use (onnx.proto, comments of `TensorProto`). */
function typedField(dtype: DType) {
  switch (dtype) {
    case "float32":
    case "complex64":
      return "floatData";
    case "float64":
    case "complex128":
      return "doubleData";
    case "int64":
      return "int64Data";
    case "uint32":
    case "uint64":
      return "uint64Data";
    default:
      return "int32Data";
  }
}

/** One number an element; for types of 2 and 4 bits one a byte, packed as in the raw form. */
function entryCount(dtype: DType, shape: readonly number[]): number {
  const { bits } = dtypeInfo(dtype);
  const elements = elementCount(shape);
  return bits === 2 || bits === 4 ? byteLength(dtype, elements) : elements;
}

function low32(value: number | bigint): number {
  return typeof value === "number" ? value : Number(BigInt.asIntN(32, value));
}

/** Six bits into a stream that is filled from the lowest bit of each byte on; they may cross a byte. */
function putSixBits(bytes: Uint8Array, at: number, value: number): void {
  const shifted = (value & 0x3f) << (at % 8);
  bytes[Math.floor(at / 8)] |= shifted & 0xff;
  if (shifted > 0xff) bytes[Math.floor(at / 8) + 1] |= shifted >> 8;
}
