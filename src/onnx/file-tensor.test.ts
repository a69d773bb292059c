import { describe, expect, it } from "vitest";
import { byteLength, type DType, dtypeInfo, dtypes, elementCount } from "../tensor/index.js";
import { bytesSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { FileTensor } from "./file-tensor.js";
import type { Payload, TensorProto } from "./schema.js";

const payload = (bytes: ArrayLike<number>): Payload => {
  const copy = Uint8Array.from(bytes);
  return { length: copy.length, read: async () => copy };
};
const varint = (value: number): number[] => {
  if (value < 0) return [...varint32(value), 0xff, 0xff, 0xff, 0xff, 0x01];
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
};
/** The lower five bytes of a negative number that is sign-extended to 64 bits. */
const varint32 = (value: number) =>
  [0, 7, 14, 21, 28].map((shift) => ((value >> Math.min(shift, 31)) & 0x7f) | 0x80);
const open = (proto: TensorProto) => new FileTensor(proto, 'graph.initializer[0] "w"', undefined);
const failure = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).message;
  }
  throw new Error("nothing was refused");
};

describe("elements", () => {
  it.each(dtypes.filter((dtype) => dtype !== "string"))(
    "of %s come raw as they are",
    async (dtype) => {
      const count = byteLength(dtype, 6);
      const bytes = Uint8Array.from({ length: count }, (_, i) => i + 1);
      const tensor = open({
        dims: [2, 3],
        dataType: dtypeInfo(dtype).onnx,
        rawData: payload(bytes),
      });
      expect([tensor.dtype, tensor.shape, tensor.byteLength]).toEqual([dtype, [2, 3], count]);
      expect(await tensor.load()).toEqual(bytes);
    },
  );

  it.each<[DType, TensorProto, readonly number[]]>([
    [
      "int32",
      { dims: [3], int32Data: [payload([...varint(1), ...varint(-1), ...varint(300)])] },
      [1, 0, 0, 0, 255, 255, 255, 255, 44, 1, 0, 0],
    ],
    ["int8", { dims: [2], int32Data: [payload([...varint(-2), 3])] }, [254, 3]],
    ["float16", { dims: [1], int32Data: [payload(varint(0x3c00))] }, [0x00, 0x3c]],
    ["bool", { dims: [2], int32Data: [payload([1, 0])] }, [1, 0]],
    ["int64", { dims: [1], int64Data: [payload(varint(-1))] }, Array(8).fill(255)],
    ["uint32", { dims: [1], uint64Data: [payload(varint(2 ** 32 - 1))] }, [255, 255, 255, 255]],
    ["int4", { dims: [3], int32Data: [payload([...varint(0xa5), 3])] }, [0xa5, 3]], // two a byte
    ["uint2", { dims: [5], int32Data: [payload([...varint(0xe4), 1])] }, [0xe4, 1]], // four a byte
    // Six bits each, one a number: 1, 2, 3, 63 -> 000001 000010 000011 111111, the lowest first
    [
      "float6e2m3",
      { dims: [4], int32Data: [payload([1, 2, 3, 63])] },
      [0b10_000001, 0b0011_0000, 0b111111_00],
    ],
    ["float6e3m2", { dims: [1], int32Data: [payload([63])] }, [63]],
    [
      "float32",
      { dims: [2], floatData: [payload([1, 2, 3, 4]), payload([5, 6, 7, 8])] },
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
    ["int32", { dims: [2], int32Data: [payload([1]), payload([2])] }, [1, 0, 0, 0, 2, 0, 0, 0]],
    ["float32", { dims: [0, 5] }, []],
    ["int64", { dims: [0] }, []],
  ])("of %s in the field of its type (case %#)", async (dtype, proto, bytes) => {
    const tensor = open({ ...proto, dataType: dtypeInfo(dtype).onnx });
    expect([...(await tensor.load())]).toEqual(bytes);
  });

  it("strings are texts, not numbers", async () => {
    const stringData = ["é", ""].map((text) => new TextEncoder().encode(text));
    const tensor = open({ dims: [2], dataType: 8, stringData });
    expect(tensor.strings()).toEqual(["é", ""]);
    await expect(tensor.load()).rejects.toThrow('graph.initializer[0] "w": strings cannot be read');
  });
});

describe("what does not fit is refused when the model is read", () => {
  it.each<[string, TensorProto, string]>([
    ["no type", { dims: [1] }, "data_type=0 is no ONNX element type"],
    ["a type nobody knows", { dataType: 99 }, "data_type=99 is no ONNX element type"],
    [
      "a negative size",
      { dims: [2, -1], dataType: 1 },
      "shape=[2, -1] must hold sizes of zero or more",
    ],
    [
      "a size over 2^53",
      { dims: [2n ** 60n], dataType: 1 },
      "shape=[1152921504606846976] must hold",
    ],
    ["too many elements", { dims: [2 ** 40, 2 ** 40], dataType: 1 }, "fewer than 2^53 elements"],
    [
      "a segment",
      { dims: [0], dataType: 1, segment: payload([]) },
      "segmented tensors are not supported",
    ],
    [
      "too few bytes",
      { dims: [2], dataType: 1, rawData: payload([1, 2, 3, 4]) },
      "float32 of shape=[2] needs 8 bytes, the file holds 4",
    ],
    [
      "too many bytes",
      { dims: [], dataType: 1, rawData: payload(Array(8).fill(0)) },
      "float32 of shape=[] needs 4 bytes, the file holds 8",
    ],
    ["no bytes", { dims: [2], dataType: 1 }, "needs 8 bytes, the file holds 0"],
    [
      "floats in a field of integers",
      { dims: [1], dataType: 1, int32Data: [payload([1])] },
      "needs 4 bytes, the file holds 0",
    ],
    [
      "integers in a field of floats",
      { dims: [1], dataType: 6, floatData: [payload([1, 2, 3, 4])] },
      "needs 1 numbers, the file holds 0 bytes of them",
    ],
    [
      "integers of another width",
      { dims: [1], dataType: 7, int32Data: [payload([1])] },
      "needs 1 numbers, the file holds 0",
    ],
    [
      "fewer bytes than numbers",
      { dims: [3], dataType: 6, int32Data: [payload([1, 1])] },
      "needs 3 numbers, the file holds 2 bytes of them",
    ],
    [
      "more bytes than numbers may take",
      { dims: [1], dataType: 6, int32Data: [payload(Array(11).fill(1))] },
      "needs 1 numbers, the file holds 11 bytes",
    ],
    [
      "strings that are missing",
      { dims: [2], dataType: 8, stringData: [new Uint8Array()] },
      "string of shape=[2] needs 2 strings, the file holds 1",
    ],
    [
      "strings as raw bytes",
      { dims: [1], dataType: 8, rawData: payload([65]) },
      "needs 1 strings, the file holds 0",
    ],
  ])("%s", (_, proto, message) => {
    expect(failure(() => open(proto))).toContain(`graph.initializer[0] "w": `);
    expect(failure(() => open(proto))).toContain(message);
  });
});

describe("what is seen only when it is loaded", () => {
  it.each<[string, Partial<TensorProto>, string]>([
    [
      "fewer numbers than the shape has",
      { int32Data: [payload([...varint(300), 1])] },
      "it holds 2 numbers, not 3",
    ],
    [
      "more numbers than the shape has",
      { int32Data: [payload([1, 2, 3, 4])] },
      "it holds more than 3 numbers",
    ],
    ["a number cut short", { int32Data: [payload([1, 2, 0x80])] }, "a number is cut short"],
    ["a number too long", { int32Data: [payload(Array(12).fill(0x80))] }, "more than 10 bytes"],
  ])("%s", async (_, proto, message) => {
    const tensor = open({ dims: [3], dataType: 6, ...proto });
    await expect(tensor.load()).rejects.toThrow(
      new FormatError(
        `graph.initializer[0] "w": ${message === "more than 10 bytes" ? "a number takes more than 10 bytes" : message}`,
      ),
    );
  });
});

describe("elements in another file", () => {
  const file = Uint8Array.from({ length: 32 }, (_, i) => i);
  const external = (entries: Record<string, string>, dims = [2]): TensorProto => ({
    dims,
    dataType: 1,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
  const openWith = (entries: Record<string, string>) =>
    new FileTensor(external(entries), "w", async (location) => {
      if (location !== "sub/weights.bin") throw new Error(`asked for ${location}`);
      return bytesSource(file);
    });

  it.each([
    [{ location: "sub/weights.bin" }, 0],
    [{ location: "sub/weights.bin", offset: "8" }, 8],
    [{ location: "sub/weights.bin", offset: "24", length: "8", checksum: "0" }, 24],
  ])("%j", async (entries, offset) => {
    const tensor = openWith(entries);
    expect(tensor.isExternal).toBe(true);
    expect(await tensor.load()).toEqual(file.subarray(offset, offset + 8));
  });

  it.each([
    "",
    "/etc/passwd",
    "\\\\server\\share",
    "C:\\Windows\\win.ini",
    "c:weights.bin",
    "..",
    "../weights.bin",
    "sub/../../weights.bin",
    "sub\\..\\..\\weights.bin",
    "weights.bin\0.txt",
  ])("location %j is refused at once", (location) => {
    expect(failure(() => openWith({ location }))).toContain("must stay in the model's folder");
  });

  it.each(["..weights", "a..b/c", "weights...bin", ".hidden"])("location %j is not", (location) => {
    expect(new FileTensor(external({ location }), "w", undefined).isExternal).toBe(true);
  });

  it("shows a hostile location harmless", () => {
    expect(failure(() => openWith({ location: "../\u001b[2J" }))).toContain('"../\\u{1b}[2J"');
  });

  it.each([
    [{ offset: "-1" }],
    [{ offset: "1.5" }],
    [{ offset: "0x10" }],
    [{ offset: "" }],
    [{ offset: "9007199254740992" }],
    [{ length: "7" }],
    [{ length: "nine" }],
  ])("%j is no place for 8 bytes", (entries) => {
    const message = failure(() => openWith({ location: "sub/weights.bin", ...entries }));
    expect(message).toContain("w: external data of 8 bytes has offset=");
  });

  it("that is too short is told when it is read", async () => {
    const tensor = openWith({ location: "sub/weights.bin", offset: "28" });
    await expect(tensor.load()).rejects.toThrow(
      "w: read: offset=28 + length=8 must stay within size=32",
    );
  });

  it("that nobody gave is told by its name, with the way out", async () => {
    const tensor = open(external({ location: "weights.bin" }));
    const error = await tensor.load().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toBe(
      'graph.initializer[0] "w": its numbers are in the file "weights.bin", which was not given',
    );
    expect(error.help).toContain("externalData");
  });

  it("whose opener fails is told by the tensor's name", async () => {
    const tensor = new FileTensor(external({ location: "w.bin" }), "w", () =>
      Promise.reject("gone"),
    );
    await expect(tensor.load()).rejects.toThrow(new FormatError("w: gone"));
  });
});

it("a shape with a zero has no elements, however large its other sizes", () => {
  const tensor = open({ dims: [2 ** 50, 0, 2 ** 50], dataType: 1 });
  expect([elementCount(tensor.shape), tensor.byteLength]).toEqual([0, 0]);
});
