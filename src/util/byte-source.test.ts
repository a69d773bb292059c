import { describe, expect, it } from "vitest";
import { blobSource, bytesSource } from "./byte-source.js";
import { FormatError } from "./errors.js";

const bytes = Uint8Array.of(10, 11, 12, 13, 14);

const sources = [
  { kind: "bytes", source: bytesSource(bytes) },
  {
    kind: "bytes inside a larger buffer",
    source: bytesSource(Uint8Array.of(9, ...bytes, 9).subarray(1, 6)),
  },
  { kind: "blob", source: blobSource(new Blob([bytes])) },
  {
    kind: "slice of a blob",
    source: blobSource(new Blob([Uint8Array.of(9, ...bytes, 9)]).slice(1, 6)),
  },
];

describe.each(sources)("a source over $kind", ({ source }) => {
  it("knows its size", () => expect(source.size).toBe(5));

  it.each([
    [0, 5, [10, 11, 12, 13, 14]],
    [1, 3, [11, 12, 13]],
    [4, 1, [14]],
    [5, 0, []],
    [0, 0, []],
  ])("reads offset %d, length %d", async (offset, length, expected) => {
    expect([...(await source.read(offset, length))]).toEqual(expected);
  });

  it.each([
    [0, 6],
    [5, 1],
    [6, 0],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])("refuses offset %d, length %d: beyond the end", async (offset, length) => {
    await expect(source.read(offset, length)).rejects.toThrow(FormatError);
    await expect(source.read(offset, length)).rejects.toThrow(
      `read: offset=${offset} + length=${length} must stay within size=5 bytes`,
    );
  });

  it.each([
    [-1, 2],
    [0, -1],
    [0.5, 1],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
    [2 ** 53, 1],
  ])("refuses offset %d, length %d: no whole numbers", async (offset, length) => {
    await expect(source.read(offset, length)).rejects.toThrow(
      "must be whole numbers, zero or more",
    );
  });
});

it("a blob that gives fewer bytes than it promised is an error, not short data", async () => {
  const lying = { size: 10, slice: () => new Blob([bytes]) } as unknown as Blob;
  await expect(blobSource(lying).read(0, 10)).rejects.toThrow(
    "got 5 bytes at offset=0, not length=10",
  );
});
