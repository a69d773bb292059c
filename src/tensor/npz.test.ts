import { readFileSync } from "node:fs";
import { strFromU8, unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FormatError, UsageError } from "../util/errors.js";
import { writeNpy } from "./npy.js";
import { readNpz, writeNpz } from "./npz.js";
import { full, Tensor, tensor, zeros } from "./tensor.js";

/** See fixtures/make_numpy.py. */
const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));

const weight = tensor([0, 0.25, 0.5, 0.75, 1, 1.25], [1, 2, 3]);
const labels = tensor(BigInt64Array.of(3n, -1n, 4n), [3]);

describe("readNpz", () => {
  it.each(["arrays.npz", "arrays-zip64.npz"])("reads %s by numpy", (name) => {
    expect([...readNpz(fixture(name))]).toEqual([
      ["weight", weight],
      ["labels/训练", labels],
    ]);
  });

  it("reads what np.savez_compressed writes", () => {
    expect([...readNpz(fixture("arrays-compressed.npz"))]).toEqual([
      ["weight", weight],
      ["labels/训练", labels],
      ["ones", full([3000], 1)],
    ]);
  });

  it("refuses arrays that unpack to more than maxBytes", () => {
    // 128 bytes of header each; 24, 24 and 12000 of data.
    const bytes = fixture("arrays-compressed.npz");
    expect(readNpz(bytes, { maxBytes: 12_432 }).size).toBe(3);
    expect(() => readNpz(bytes, { maxBytes: 12_431 })).toThrow(
      "unpacked size=12432 must be at most maxBytes=12431",
    );
  });

  it("names the array that is broken", () => {
    const bytes = zipSync({
      "good.npy": writeNpy(weight),
      "bad\u0007.npy": writeNpy(weight).subarray(0, 130),
    });
    expect(() => readNpz(bytes)).toThrow(FormatError);
    expect(() => readNpz(bytes)).toThrow('npz: "bad\\u{7}": npy: data of 2 bytes must be 24 bytes');
  });

  it("refuses files that are no arrays", () => {
    expect(() => readNpz(zipSync({ "readme.txt": new Uint8Array(3) }))).toThrow(
      'npz: "readme.txt" must be a .npy file',
    );
    expect(() => readNpz(writeNpy(weight))).toThrow("this is not a zip archive");
  });
});

describe("writeNpz", () => {
  const tensors: [string, Tensor][] = [
    ["weight", weight],
    ["labels/训练", labels],
    ["__proto__", zeros([1000])],
    ["7", tensor([1], [], "bool")],
  ];

  it.each([false, true])("is undone by readNpz, compress=%s", (compress) => {
    const bytes = writeNpz(tensors, { compress });
    expect(Object.fromEntries(readNpz(bytes))).toEqual(Object.fromEntries(tensors));
    expect(bytes.length < 4000).toBe(compress);
  });

  it("is a zip of .npy files, the same at any time of day", () => {
    const bytes = writeNpz([["weight", weight]]);
    expect(Object.entries(unzipSync(bytes))).toEqual([["weight.npy", writeNpy(weight)]]);
    // DOS date 1980-01-01 and time 00:00, at offset 10 of the local header.
    expect([...bytes.subarray(10, 14)]).toEqual([0, 0, 0x21, 0]);
    expect(strFromU8(bytes.subarray(30, 40))).toBe("weight.npy");
  });

  it("writes none", () => {
    expect(readNpz(writeNpz([])).size).toBe(0);
  });

  it("refuses what the file cannot hold", () => {
    expect(() =>
      writeNpz([
        ["a", weight],
        ["a", labels],
      ]),
    ).toThrow(UsageError);
    expect(() =>
      writeNpz([
        ["a", weight],
        ["a", labels],
      ]),
    ).toThrow('npz: "a" is there twice');
    expect(() => writeNpz([["a", zeros([2], "bfloat16")]])).toThrow("numpy has no bfloat16");
    const many = Array.from({ length: 65_536 }, (_, i) => [`${i}`, weight] as const);
    expect(() => writeNpz(many)).toThrow("npz: 65536 arrays of");
  });

  it("refuses 4 GiB", () => {
    class Large extends Tensor<"float32"> {
      override get byteLength(): number {
        return 2 ** 31;
      }
    }
    const large = new Large("float32", [0], new Float32Array(0));
    expect(() =>
      writeNpz([
        ["a", large],
        ["b", large],
      ]),
    ).toThrow("npz: 2 arrays of 4294971404 bytes");
  });
});
