import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { bytesSource } from "../util/byte-source.js";
import { FileTensor } from "./file-tensor.js";
import { readModel } from "./read.js";
import type { Payload, TensorProto } from "./schema.js";
import { encodeModel } from "./write.js";

const bytes = Uint8Array.from({ length: 24 }, (_, i) => i);
const whole: Payload = {
  length: 24,
  read: () => Promise.reject(new Error("all of it was read")),
  readRange: async (offset, length) => bytes.subarray(offset, offset + length),
};
const tensor = (proto: TensorProto, files: Record<string, Uint8Array> = {}) =>
  new FileTensor({ dims: [2, 3], dataType: 1, ...proto }, "w", async (name) =>
    bytesSource(files[name]),
  );

describe("a part of a tensor in a file", () => {
  it.each([
    ["raw", { rawData: whole }],
    ["in its typed field", { floatData: [whole] }],
  ])("is read without the rest: %s", async (_, proto) => {
    expect(await tensor(proto).loadRange!(4, 8)).toEqual(bytes.slice(4, 12));
  });

  it("is read from a file of weights", async () => {
    const externalData = [
      { key: "location", value: "w.bin" },
      { key: "offset", value: "10" },
    ];
    const file = Uint8Array.from({ length: 40 }, (_, i) => 100 + i);
    const outside = tensor({ dataLocation: 1, externalData }, { "w.bin": file });
    expect(await outside.loadRange!(4, 8)).toEqual(file.slice(14, 22));
  });

  it.each([
    [20, 5],
    [-1, 4],
    [0, 1.5],
  ])("must lie within: from %d, %d bytes", async (offset, length) => {
    await expect(tensor({ rawData: whole }).loadRange!(offset, length)).rejects.toThrow(
      /^w: read: offset=/,
    );
  });

  it.each([
    ["several pieces", { floatData: [whole, whole], dims: [4, 3] }],
    ["varints", { dataType: 7, dims: [12], int64Data: [whole] }],
    ["a payload that comes whole only", { rawData: { length: 24, read: whole.read } }],
  ])("cannot be had of %s", (_, proto) => {
    expect(tensor(proto).loadRange).toBeUndefined();
  });

  it("is had of a weight that stayed behind in the source, and equals that of all", async () => {
    const model = parseModel(
      "m (float[1,64,8,8] x) => (y) <float[64,64,3,3] w> { y = Conv(x, w) }",
    );
    const weight = model.graph.find("w")!;
    const values = Uint8Array.from({ length: 4 * 64 * 64 * 9 }, (_, i) => i % 251);
    weight.initializer = { ...weight.initializer!, load: async () => values };
    const again = (await readModel(await encodeModel(model))).graph.find("w")!.initializer!;
    expect(await again.loadRange!(1000, 500)).toEqual(values.slice(1000, 1500));
    expect(await again.load()).toEqual(values);
  });
});
