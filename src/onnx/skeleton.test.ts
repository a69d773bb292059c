import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { type ByteSource, bytesSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { encode, join } from "./encode.js";
import { modelSchema, type Payload } from "./schema.js";
import { readSkeleton } from "./skeleton.js";

const limits = { maxStructureBytes: 2 ** 28, maxDepth: 100, maxFields: 1e7 };

const zeros = (length: number): Payload => ({ length, read: async () => new Uint8Array(length) });
const weight = (name: string, length: number) => ({
  dims: [length],
  dataType: 2,
  name,
  rawData: zeros(length),
});

/** Notes what is read of a source. */
function watched(bytes: Uint8Array): ByteSource & { readonly reads: [number, number][] } {
  const source = bytesSource(bytes);
  const reads: [number, number][] = [];
  return {
    size: source.size,
    reads,
    read(offset, length) {
      reads.push([offset, length]);
      return source.read(offset, length);
    },
  };
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(b);
const totalOf = (reads: readonly [number, number][]) =>
  reads.reduce((total, [, length]) => total + length, 0);

describe("weights", () => {
  it("stay behind, and are found where they are", async () => {
    const marked = new Uint8Array(5000).fill(7);
    const model = {
      graph: {
        initializer: [
          weight("before", 5e6),
          { ...weight("marked", 5000), rawData: { length: 5000, read: async () => marked } },
          weight("after", 5e6),
        ],
      },
    };
    const source = watched(await join(encode(modelSchema, model)));
    const { bytes, holes } = await readSkeleton(source, modelSchema, limits);
    expect(bytes.length).toBeLessThan(200);
    expect([...holes.values()].map((hole) => hole.length)).toEqual([5e6, 5000, 5e6]);
    expect(totalOf(source.reads)).toBeLessThan(2 ** 16);
    expect(await [...holes.values()][1].read()).toEqual(marked);
  });

  it("up to 4096 bytes come along", async () => {
    const model = { graph: { initializer: [weight("small", 4000), weight("large", 4200)] } };
    const bytes = await join(encode(modelSchema, model));
    const skeleton = await readSkeleton(bytesSource(bytes), modelSchema, limits);
    expect([...skeleton.holes.values()].map((hole) => hole.length)).toEqual([4200]);
    expect(skeleton.bytes.length).toBe(bytes.length - 4200);
  });

  it("a thousand of them take a short read each", async () => {
    const initializer = Array.from({ length: 1000 }, (_, i) => weight(`w${i}`, 40_000));
    const source = watched(await join(encode(modelSchema, { graph: { initializer } })));
    await readSkeleton(source, modelSchema, limits);
    expect(source.reads.length).toBeLessThan(1010);
    expect(totalOf(source.reads)).toBeLessThan(0.45 * source.size); // 16 KiB for each 40 kB
  });
});

it("structure without weights is read straight on, in ever longer pieces, once", async () => {
  const node = Array.from({ length: 50_000 }, (_, i) => ({ opType: "Relu", name: `node ${i}` }));
  const bytes = await join(encode(modelSchema, { graph: { node } }));
  const source = watched(bytes);
  const skeleton = await readSkeleton(source, modelSchema, limits);
  expect(same(skeleton.bytes, bytes)).toBe(true);
  expect(source.reads.length).toBeLessThan(10);
  expect(totalOf(source.reads)).toBeLessThan(1.01 * bytes.length);
});

it("a message of millions of bytes without weights is copied in pieces", async () => {
  const docString = "x".repeat(5e6);
  const bytes = await join(encode(modelSchema, { graph: { docString } }));
  const skeleton = await readSkeleton(bytesSource(bytes), modelSchema, limits);
  expect(same(skeleton.bytes, bytes)).toBe(true);
});

it("the time grows as the file does", async () => {
  const node = { opType: "Relu", name: "node" };
  const files = new Map<number, Uint8Array>();
  for (const size of [2000, 32_000])
    files.set(size, await join(encode(modelSchema, { graph: { node: Array(size).fill(node) } })));
  const ratio = await growth(2000, (size) => {
    const source = bytesSource(files.get(size)!);
    return () => readSkeleton(source, modelSchema, limits);
  });
  expect(ratio).toBeLessThan(LINEAR);
});

describe("faults", () => {
  const graph = (inner: readonly number[]) => {
    const padding = [0x52, 0x80, 0x40, ...Array(8192).fill(0x78)]; // doc_string: over 4096, so the graph is walked
    const body = [...padding, ...inner];
    return Uint8Array.from([0x3a, (body.length & 127) | 128, body.length >> 7, ...body]);
  };

  it.each<[string, Uint8Array, string]>([
    ["no field", graph([0x07]), "GraphProto at byte 8198: no field begins here"],
    ["a group", graph([0x0b]), "GraphProto at byte 8198: no field begins here"],
    [
      "a length of 4 GB",
      graph([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
      "GraphProto.node at byte 8198: length=4294967295 exceeds the 0 bytes left in its message",
    ],
    [
      "a length of 2^64",
      graph([0x4a, ...Array(9).fill(0xff), 0x01]),
      "GraphProto.field 9 at byte 8198: length=18446744073709552000 exceeds the 0 bytes left",
    ],
    ["a number cut short", graph([0x08, 0x80]), "GraphProto at byte 8198: no field begins here"],
  ])("%s", async (_, bytes, message) => {
    const error = await readSkeleton(bytesSource(bytes), modelSchema, limits).catch((e) => e);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(message);
  });

  it("a source that fails passes its error on", async () => {
    const source = { size: 100, read: () => Promise.reject(new FormatError("torn away")) };
    await expect(readSkeleton(source, modelSchema, limits)).rejects.toThrow("torn away");
  });
});
