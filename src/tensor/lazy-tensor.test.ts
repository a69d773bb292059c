import { expect, it } from "vitest";
import { type LazyTensor, readFloat32, readFloat64 } from "./lazy-tensor.js";

const lazy = (dtype: LazyTensor["dtype"], shape: number[], bytes: number[]): LazyTensor => ({
  dtype,
  shape,
  byteLength: bytes.length,
  load: async () => Uint8Array.from(bytes),
});

it("reads through the shape: the filling of the last byte is no element", async () => {
  const tensor = lazy("uint4", [3, 1], [0x21, 0xf3]);
  expect(await readFloat32(tensor)).toEqual(Float32Array.of(1, 2, 3));
  expect(await readFloat64(tensor)).toEqual(Float64Array.of(1, 2, 3));
});

it("refuses data that do not fill the shape", async () => {
  await expect(readFloat32(lazy("float16", [2], [0, 0]))).rejects.toThrow(
    "float16 data of 2 bytes must be 4 bytes for 2 elements",
  );
});
