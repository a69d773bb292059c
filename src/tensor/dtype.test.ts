import { describe, expect, it } from "vitest";
import { byteLength, dtypeFromOnnx, dtypeInfo, dtypes, isFloat } from "./dtype.js";

// The enum of onnx.proto, typed again by hand from the specification.
const onnxNames = [
  "UNDEFINED",
  "FLOAT",
  "UINT8",
  "INT8",
  "UINT16",
  "INT16",
  "INT32",
  "INT64",
  "STRING",
  "BOOL",
  "FLOAT16",
  "DOUBLE",
  "UINT32",
  "UINT64",
  "COMPLEX64",
  "COMPLEX128",
  "BFLOAT16",
  "FLOAT8E4M3FN",
  "FLOAT8E4M3FNUZ",
  "FLOAT8E5M2",
  "FLOAT8E5M2FNUZ",
  "UINT4",
  "INT4",
  "FLOAT4E2M1",
  "FLOAT8E8M0",
  "UINT2",
  "INT2",
  "FLOAT6E2M3",
  "FLOAT6E3M2",
];

const ourName: Record<string, string> = { FLOAT: "float32", DOUBLE: "float64" };

describe("dtype", () => {
  it("names every ONNX type by its number", () => {
    for (const [code, name] of onnxNames.entries())
      expect(dtypeFromOnnx(code)).toBe(
        code === 0 ? undefined : (ourName[name] ?? name.toLowerCase()),
      );
    expect(dtypeFromOnnx(29)).toBeUndefined();
    expect(dtypeFromOnnx(-1)).toBeUndefined();
  });

  it("goes there and back", () => {
    expect(dtypes).toHaveLength(28);
    for (const dtype of dtypes) expect(dtypeFromOnnx(dtypeInfo(dtype).onnx)).toBe(dtype);
  });

  it("gives the width that the name says", () => {
    for (const dtype of dtypes) {
      const width = /^(?:uint|int|float|bfloat|complex)(\d+)/.exec(dtype)?.[1];
      if (width !== undefined) expect(dtypeInfo(dtype).bits).toBe(Number(width));
    }
    expect(dtypeInfo("bool").bits).toBe(8);
    expect(dtypeInfo("string").bits).toBe(0);
  });

  it.each([
    ["float32", 3, 12],
    ["complex128", 2, 32],
    ["bool", 5, 5],
    ["uint4", 3, 2],
    ["int4", 4, 2],
    ["int2", 5, 2],
    ["uint2", 0, 0],
    ["float6e2m3", 4, 3],
    ["float6e3m2", 5, 4],
    ["string", 4, 0],
  ] as const)("packs %s x %d into %d bytes", (dtype, count, bytes) => {
    expect(byteLength(dtype, count)).toBe(bytes);
  });

  it("tells real floats from the rest", () => {
    expect(dtypes.filter(isFloat)).toEqual([
      "float32",
      "float16",
      "float64",
      "bfloat16",
      "float8e4m3fn",
      "float8e4m3fnuz",
      "float8e5m2",
      "float8e5m2fnuz",
      "float4e2m1",
      "float8e8m0",
      "float6e2m3",
      "float6e3m2",
    ]);
  });
});
