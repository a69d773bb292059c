import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { FormatError } from "../util/errors.js";
import { bytesOf } from "./convert.js";
import { type DType, dtypes } from "./dtype.js";
import { type NumericDType, toTyped } from "./typed-array.js";

const numeric = dtypes.filter((dtype): dtype is NumericDType => dtype !== "string");

const wide: Partial<Record<DType, object>> = {
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

describe("toTyped", () => {
  it.each(numeric)("holds %s in the right array", (dtype) => {
    expect(toTyped(dtype, new Uint8Array(16)).constructor).toBe(wide[dtype] ?? Uint8Array);
  });

  it("reads little-endian", () => {
    expect(toTyped("float32", Uint8Array.of(0, 0, 0x80, 0x3f))).toEqual(Float32Array.of(1));
    expect(toTyped("int64", Uint8Array.of(0xfe, 255, 255, 255, 255, 255, 255, 255))).toEqual(
      BigInt64Array.of(-2n),
    );
    expect(toTyped("uint16", Uint8Array.of(1, 2))).toEqual(Uint16Array.of(0x0201));
  });

  it("is a view where the address allows it", () => {
    const bytes = new Uint8Array(12);
    const view = toTyped("float32", bytes.subarray(4));
    bytes[7] = 0x40; // 0x40000000 is 2
    expect([...view]).toEqual([2, 0]);
  });

  it.each([
    { kind: "Uint8Array", bytes: new Uint8Array(9) },
    { kind: "Buffer, whose slice() does not copy", bytes: Buffer.alloc(9) },
  ])("copies from an unaligned $kind", ({ bytes }) => {
    bytes.set(bytesOf(Float64Array.of(-0.75)), 1);
    expect([...toTyped("float64", bytes.subarray(1))]).toEqual([-0.75]);
  });

  it.each([
    ["float32", 6, 4],
    ["int64", 12, 8],
    ["float16", 3, 2],
    ["complex64", 12, 8],
    ["complex128", 24, 16],
  ] as const)("refuses %s in %d bytes", (dtype, length, unit) => {
    expect(() => toTyped(dtype, new Uint8Array(length))).toThrow(FormatError);
    expect(() => toTyped(dtype, new Uint8Array(length))).toThrow(
      `toTyped: ${dtype} data of ${length} bytes must be a multiple of ${unit} bytes`,
    );
  });
});
