import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesSource } from "../util/byte-source.js";
import { FormatError, UsageError } from "../util/errors.js";
import { readFloat32 } from "./lazy-tensor.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";
import { type Tensor, tensor, zeros } from "./tensor.js";

/** By the reference writer; see fixtures/make_safetensors.py. */
const fixture = new Uint8Array(
  readFileSync(new URL("fixtures/tensors.safetensors", import.meta.url)),
);

const read = (bytes: Uint8Array) => readSafetensors(bytesSource(bytes));

/** A file with any header, JSON or not. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe("the reference file", () => {
  it("has every tensor with its type, shape and elements", async () => {
    const { tensors, metadata } = await read(fixture);
    expect([...metadata]).toEqual([["format", "np"]]);
    expect(tensors.size).toBe(22);

    const renamed: Record<string, string> = { scalar: "float32", empty: "float32" };
    for (const [name, lazy] of tensors) {
      if (name.startsWith("名前")) continue;
      expect(lazy.dtype).toBe(renamed[name] ?? name.replace("_", "").replace("e8m0fnu", "e8m0"));
      expect(lazy.shape).toEqual(name === "scalar" ? [] : name === "empty" ? [2, 0] : [1, 3]);
      if (lazy.dtype === "complex64") continue;
      const expected =
        name === "scalar" ? [4] : name === "empty" ? [] : name === "bool" ? [1, 1, 1] : [1, 2, 4];
      expect([...(await readFloat32(lazy))]).toEqual(expected);
    }

    const cube = tensors.get('名前 "quoted"')!;
    expect(cube.shape).toEqual([2, 3, 4]);
    expect([...(await readFloat32(cube))]).toEqual([...new Array(24).keys()]);
    const complex = await tensors.get("complex64")!.load();
    expect(complex).toEqual(tensor([1, 0, 2, 0, 4, 0], [6]).bytes);
  });

  it("is written byte for byte the same", async () => {
    const { tensors, metadata } = await read(fixture);
    expect(await writeSafetensors([...tensors].reverse(), metadata)).toEqual(fixture);
  });

  it("is read lazily: the header first, then only what is loaded", async () => {
    const reads: [number, number][] = [];
    const source = bytesSource(fixture);
    const { tensors } = await readSafetensors({
      size: source.size,
      read(offset, length) {
        reads.push([offset, length]);
        return source.read(offset, length);
      },
    });
    const header = Number(new DataView(fixture.buffer).getBigUint64(0, true));
    expect(reads).toEqual([
      [0, 8],
      [8, header],
    ]);
    await tensors.get("int64")!.load();
    expect(reads[2]).toEqual([8 + header + 24, 24]);
    expect(reads).toHaveLength(3);
  });
});

describe("writeSafetensors", () => {
  it("is undone by readSafetensors", async () => {
    const name = fc.string().filter((text) => text !== "__metadata__");
    const tensors = fc.dictionary(
      name,
      fc.oneof(
        fc.float32Array().map((data): Tensor => tensor(data, [data.length])),
        fc.uint8Array().map((data): Tensor => tensor(data, [1, data.length], "float8e5m2")),
        fc.bigInt64Array().map((data): Tensor => tensor(data, [data.length, 1])),
      ),
    );
    await fc.assert(
      fc.asyncProperty(tensors, fc.dictionary(fc.string(), fc.string()), async (made, notes) => {
        const bytes = await writeSafetensors(Object.entries(made), Object.entries(notes));
        const back = await read(bytes);
        expect(Object.fromEntries(back.metadata)).toEqual({ ...notes });
        expect([...back.tensors.keys()].sort()).toEqual(Object.keys(made).sort());
        for (const [key, { dtype, shape, bytes: expected }] of Object.entries(made)) {
          const lazy = back.tensors.get(key)!;
          expect([lazy.dtype, lazy.shape]).toEqual([dtype, shape]);
          expect(await lazy.load()).toEqual(expected);
        }
      }),
    );
  });

  it("starts every tensor at a multiple of its element size", async () => {
    const bytes = await writeSafetensors([
      ["a", zeros([3], "bool")],
      ["b", zeros([1], "float16")],
      ["c", zeros([1], "int64")],
    ]);
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(header % 8).toBe(0);
    const json = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + header)));
    expect(json.c.data_offsets).toEqual([0, 8]);
    expect(json.b.data_offsets).toEqual([8, 10]);
    expect(json.a.data_offsets).toEqual([10, 13]);
  });

  it("writes no tensors at all", async () => {
    const bytes = await writeSafetensors([]);
    expect((await read(bytes)).tensors.size).toBe(0);
    expect(new TextDecoder().decode(bytes.subarray(8))).toBe("{}      ");
  });

  it("refuses what the format cannot hold", async () => {
    const one = zeros([1]);
    await expect(writeSafetensors([["x", zeros([2], "int4")]])).rejects.toThrow(UsageError);
    await expect(writeSafetensors([["x", zeros([2], "int4")]])).rejects.toThrow(
      '"x" is int4, which',
    );
    await expect(writeSafetensors([["__metadata__", one]])).rejects.toThrow(
      "no tensor may be named",
    );
    await expect(
      writeSafetensors([
        ["x", one],
        ["x", one],
      ]),
    ).rejects.toThrow('"x" is there twice');
    const lying = {
      dtype: "float32",
      shape: [2],
      byteLength: 8,
      load: async () => new Uint8Array(4),
    } as const;
    await expect(writeSafetensors([["x", lying]])).rejects.toThrow(
      '"x" loads 4 bytes, not byteLength=8',
    );
  });
});

const entry = (begin: number, end: number, shape = [end - begin]) => ({
  dtype: "U8",
  shape,
  data_offsets: [begin, end],
});

describe("hostile files", () => {
  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "size=0 must be at least 8 bytes"],
    [
      "a header beyond the end",
      file("{}").subarray(0, 9),
      "header length=2 must be at most 1 bytes",
    ],
    [
      "a header of 2^64 - 1 bytes",
      new Uint8Array(16).fill(255),
      "header length=18446744073709551615",
    ],
    ["no JSON", file("{"), "the header must be JSON in UTF-8"],
    ["a byte order mark", file("\ufeff{}"), "the header must be JSON"],
    ["no UTF-8", file('{"__metadata__":{"a":"b"}}').fill(255, 30, 31), "must be JSON in UTF-8"],
    ["deep nesting", file(`{"a":${"[".repeat(100_000)}`), "the header must be JSON"],
    ["an array", file("[]"), "the header must be a JSON object"],
    ["null", file("null"), "the header must be a JSON object"],
    ["a tensor that is a number", file({ a: 1 }), '"a" must be a JSON object'],
    ["metadata that is no map", file({ __metadata__: [] }), "must map strings to strings"],
    ["metadata with a number", file({ __metadata__: { a: 1 } }), "must map strings to strings"],
    [
      "an unknown type",
      file({ a: { ...entry(0, 1), dtype: "F4" } }, 1),
      '"a" has dtype=F4, which is none of BOOL',
    ],
    ["no type", file({ a: { shape: [1], data_offsets: [0, 1] } }, 1), "dtype=undefined"],
    [
      "a negative size",
      file({ a: entry(0, 1, [-1, -1]) }, 1),
      "must have a shape of whole numbers",
    ],
    [
      "sizes that overflow",
      file({ a: entry(0, 0, [2 ** 33, 2 ** 31]) }),
      "with a product below 2^53",
    ],
    ["a size as text", file({ a: { ...entry(0, 1), shape: ["1"] } }, 1), "must have a shape"],
    ["no shape", file({ a: { dtype: "U8", data_offsets: [0, 0] } }), "must have a shape"],
    [
      "no offsets",
      file({ a: { dtype: "U8", shape: [0] } }),
      "must have two whole numbers as data_offsets",
    ],
    [
      "three offsets",
      file({ a: { ...entry(0, 0), data_offsets: [0, 0, 0] } }),
      "must have two whole",
    ],
    [
      "broken offsets",
      file({ a: { ...entry(0, 1), data_offsets: [0.5, 1.5] } }),
      "must have two whole",
    ],
    ["offsets backwards", file({ a: entry(2, 1, [1]) }, 2), "has -1 bytes at data_offsets=[2, 1]"],
    ["a negative offset", file({ a: entry(-1, 0, [1]) }), '"a" starts at -1, but'],
    [
      "a shape larger than its bytes",
      file({ a: entry(0, 1, [2]) }, 1),
      "has 1 bytes at data_offsets=[0, 1], not the 2 of uint8 [2]",
    ],
    [
      "an overlap",
      file({ a: entry(0, 3), b: entry(2, 4) }, 4),
      '"b" starts at 2, but the tensor before it ends at 3',
    ],
    ["the same bytes twice", file({ a: entry(0, 2), b: entry(0, 2) }, 2), "starts at 0, but"],
    [
      "a gap",
      file({ a: entry(0, 1), b: entry(2, 3) }, 3),
      '"b" starts at 2, but the tensor before it ends at 1',
    ],
    ["bytes before the first", file({ a: entry(1, 2) }, 2), '"a" starts at 1, but'],
    [
      "bytes after the last",
      file({ a: entry(0, 2) }, 3),
      "tensors of 2 bytes must fill data of 3 bytes",
    ],
    ["tensors beyond the end", file({ a: entry(0, 2 ** 40) }), "must fill data of 0 bytes"],
    ["a name for the terminal", file({ "\u001b[2J": 1 }), '"\\u{1b}[2J" must be'],
    ["a shape as long as a book", file({ a: entry(0, 2, new Array(5000).fill(1)) }, 2), "…"],
  ])("%s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(FormatError);
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it("a header of 100 MB and more is refused even if the file has it", async () => {
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, 100_000_001n, true);
    const source = { size: 1e9, read: async () => length };
    await expect(readSafetensors(source)).rejects.toThrow(
      "length=100000001 must be at most 100000000",
    );
  });

  it("names from JavaScript's own objects are only names", async () => {
    const { tensors } = await read(
      file('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
    );
    expect([...tensors.keys()]).toEqual(["__proto__"]);
    expect(await tensors.get("__proto__")!.load()).toEqual(new Uint8Array(1));
  });

  it("empty tensors may share a place", async () => {
    const { tensors } = await read(file({ b: entry(0, 2), a: entry(0, 0), c: entry(2, 2) }, 2));
    expect([...tensors.keys()]).toEqual(["b", "a", "c"]);
  });

  it("any changed byte of the header gives a FormatError or tensors that hold together", async () => {
    const header = 8 + Number(new DataView(fixture.buffer).getBigUint64(0, true));
    for (let i = 0; i < header; i++) {
      const changed = fixture.slice();
      changed[i] ^= 1 << (i % 8);
      try {
        const { tensors } = await read(changed);
        let total = 0;
        for (const { byteLength } of tensors.values()) total += byteLength;
        expect(total).toBe(fixture.length - header);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }
  });
});
