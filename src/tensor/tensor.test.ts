import { describe, expect, it } from "vitest";
import { ShapeError, UsageError } from "../util/errors.js";
import { readFloat32 } from "./lazy-tensor.js";
import { full, scalar, Tensor, tensor, zeros } from "./tensor.js";

describe("tensor", () => {
  it("takes plain numbers as float32 and bigints as int64", () => {
    expect(tensor([1, 2.5], [2])).toMatchObject({
      dtype: "float32",
      data: Float32Array.of(1, 2.5),
    });
    expect(tensor([1n, -2n], [2])).toMatchObject({
      dtype: "int64",
      data: BigInt64Array.of(1n, -2n),
    });
    expect(tensor([], [0])).toMatchObject({ dtype: "float32", data: new Float32Array(0) });
  });

  it.each([
    ["float32", Float32Array.of(1)],
    ["float64", Float64Array.of(1)],
    ["int8", Int8Array.of(1)],
    ["uint8", Uint8Array.of(1)],
    ["int16", Int16Array.of(1)],
    ["uint16", Uint16Array.of(1)],
    ["int32", Int32Array.of(1)],
    ["uint32", Uint32Array.of(1)],
    ["int64", BigInt64Array.of(1n)],
    ["uint64", BigUint64Array.of(1n)],
  ] as const)("takes a typed array of %s as it is", (dtype, data) => {
    const made = tensor(data, [1, 1]);
    expect(made.dtype).toBe(dtype);
    expect(made.data).toBe(data);
  });

  it("takes the array that stores a type as bits, any other as numbers", () => {
    expect(tensor(Uint16Array.of(0x3c00), [1], "float16").data).toEqual(Uint16Array.of(0x3c00));
    expect(tensor(Float32Array.of(1, -2), [2], "float16").data).toEqual(
      Uint16Array.of(0x3c00, 0xc000),
    );
    expect(tensor([1, -2], [2], "bfloat16").data).toEqual(Uint16Array.of(0x3f80, 0xc000));
    expect(tensor(Uint8Array.of(0x21, 0x03), [3], "uint4").data).toEqual(Uint8Array.of(0x21, 3));
    expect(tensor(Int32Array.of(1, 0), [2], "bool").data).toEqual(Uint8Array.of(1, 0));
    expect(tensor([7, -1], [2], "int64").data).toEqual(BigInt64Array.of(7n, -1n));
    expect(tensor([2 ** 60], [1], "uint64").data).toEqual(BigUint64Array.of(2n ** 60n));
    expect(tensor(BigInt64Array.of(5n), [1], "int8").data).toEqual(Int8Array.of(5));
  });

  it.each([
    [[0, 256], "uint8", "element 1 is 256, but uint8 holds whole numbers from 0 to 255"],
    [[-129], "int8", "element 0 is -129, but int8 holds whole numbers from -128 to 127"],
    [[0.5], "int32", "element 0 is 0.5, but int32 holds whole numbers"],
    [[2], "bool", "element 0 is 2, but bool holds whole numbers from 0 to 1"],
    [[2 ** 63], "int64", "int64 holds whole numbers from -9223372036854775808"],
    [[-1], "uint64", "uint64 holds whole numbers from 0 to 18446744073709551615"],
    [[Number.NaN], "int64", "element 0 is NaN, but int64 holds"],
    [[2n ** 40n], "uint32", "element 0 is 1099511627776, but uint32 holds"],
    [[1], "int4", "numbers cannot be turned into int4"],
    [[1], "float8e5m2", "numbers cannot be turned into float8e5m2"],
    [[1, 0], "complex64", "numbers cannot be turned into complex64"],
  ] as const)("refuses %s as %s", (data, dtype, message) => {
    expect(() => tensor(data, [data.length], dtype)).toThrow(UsageError);
    expect(() => tensor(data, [data.length], dtype)).toThrow(message);
  });

  it("refuses data that do not fill the shape", () => {
    expect(() => tensor([1, 2, 3], [2])).toThrow(
      "data of 12 bytes must be 8 bytes for float32 [2]",
    );
    expect(() => tensor([1, 2, 3], [2, 2])).toThrow(ShapeError);
    expect(() => tensor([1, 2, 3], [2, 2])).toThrow(
      "tensor: data of 12 bytes must be 16 bytes for float32 [2,2]",
    );
    expect(() => tensor(Uint8Array.of(1), [3], "uint4")).toThrow("must be 2 bytes for uint4 [3]");
    expect(() => tensor([1], [1.5])).toThrow("shape=[1.5]");
  });

  it("asks for the type of data that has no name of its own", () => {
    const clamped: ArrayLike<number> = Uint8ClampedArray.of(1);
    expect(() => tensor(clamped as number[], [1])).toThrow("dtype must be given");
    expect(tensor(clamped, [1], "uint8").data).toEqual(Uint8Array.of(1));
  });
});

describe("Tensor", () => {
  it("knows its size, strides and bytes", () => {
    const made = tensor([0, 1, 2, 3, 4, 5], [2, 3], "int16");
    expect(made.size).toBe(6);
    expect(made.strides).toEqual([3, 1]);
    expect(made.byteLength).toBe(12);
    expect(made.bytes).toEqual(Uint8Array.of(0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0));
  });

  it("loads what it holds, even when that lies inside a larger buffer", async () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const made = tensor(data, [2]);
    expect(await made.load()).toEqual(Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0x40));
    expect(await readFloat32(made)).toEqual(Float32Array.of(1, 2));
  });
});

describe("zeros, full, scalar", () => {
  it("fill any type", () => {
    expect(zeros([2, 2]).data).toEqual(new Float32Array(4));
    expect(zeros([3], "int64").data).toEqual(new BigInt64Array(3));
    expect(zeros([3], "uint4").data).toEqual(new Uint8Array(2));
    expect(zeros([2], "complex64").data).toEqual(new Float32Array(4));
    expect(full([2], 3).data).toEqual(Float32Array.of(3, 3));
    expect(full([2], 3, "int64").data).toEqual(BigInt64Array.of(3n, 3n));
    expect(full([0], 3).data).toHaveLength(0);
    expect(scalar(-1)).toEqual(new Tensor("float32", [], Float32Array.of(-1)));
    expect(scalar(1.5, "float16")).toMatchObject({ shape: [], data: Uint16Array.of(0x3e00) });
  });

  it("refuse a value that does not fit", () => {
    expect(() => full([2], 300, "uint8")).toThrow("element 0 is 300, but uint8 holds");
  });
});
