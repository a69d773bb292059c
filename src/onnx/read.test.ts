import { describe, expect, it } from "vitest";
import { describeModel } from "../../tests/support/describe-model.js";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { Graph, Model, parseModel } from "../graph/index.js";
import { bytesSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { readModel } from "./read.js";
import { encodeModel } from "./write.js";

const model = () => parseModel("g (float[1, 4] x) => (y) <float[4, 2000] w> { y = MatMul(x, w) }");

it.each([
  ["bytes", (bytes: Uint8Array<ArrayBuffer>) => bytes],
  ["a Buffer", (bytes: Uint8Array<ArrayBuffer>) => Buffer.from(bytes)],
  ["a Blob", (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes])],
  ["a File", (bytes: Uint8Array<ArrayBuffer>) => new File([bytes], "m.onnx")],
  ["any source", (bytes: Uint8Array<ArrayBuffer>) => bytesSource(bytes)],
])("reads %s", async (_, wrap) => {
  const bytes = new Uint8Array(await encodeModel(model()));
  expect(await describeModel(await readModel(wrap(bytes)))).toEqual(await describeModel(model()));
});

const starting = (start: string, at = 0) => {
  const bytes = new Uint8Array(200);
  bytes.set(Buffer.from(start, "latin1"), at);
  return bytes;
};

describe("files that are often taken for a model are named", () => {
  it.each([
    [starting("\x89PNG\r\n\x1a\n"), "a PNG image"],
    [starting("PK\x03\x04"), "a zip archive", "torch.onnx.export"],
    [starting("\x80\x02}q\0"), "a Python pickle", "torch.onnx.export"],
    [starting("version https://git-lfs.github.com/spec/v1\n"), "a Git LFS pointer", "git lfs pull"],
    [starting("<!DOCTYPE html><html>"), "a web page"],
    [starting("TFL3", 4), "a TensorFlow Lite model", "tf2onnx"],
    [starting("ORTM", 4), "a model in ORT format"],
    [starting('{"__metadata__":', 8), "a safetensors file"],
    [starting("\x1f\x8b\x08"), "a gzip archive"],
    [starting("\x93NUMPY"), "a NumPy array"],
  ])("case %#", async (bytes, what, help = "") => {
    const error = await readModel(bytes).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toBe(`this is ${what}, not an ONNX model`);
    expect(error.help ?? "").toContain(help);
  });

  it("unless they are models after all", async () => {
    const odd = model();
    odd.irVersion = 0x4b; // the file begins with 08 4b: none of the above
    expect((await readModel(await encodeModel(odd))).irVersion).toBe(0x4b);
  });
});

it("an empty file is said to be empty", async () => {
  await expect(readModel(new Uint8Array())).rejects.toThrow(
    new FormatError("the file is empty", { help: "An ONNX model is expected." }),
  );
});

describe("limits", () => {
  it("of bytes besides the weights, which do not count", async () => {
    const bytes = await encodeModel(model());
    expect(bytes.length).toBeGreaterThan(32_000);
    expect((await readModel(bytes, { maxStructureBytes: 1000 })).graph.nodes).toHaveLength(1);
    await expect(readModel(bytes, { maxStructureBytes: 50 })).rejects.toThrow(
      "the model's structure without its weights exceeds maxStructureBytes=50",
    );
  });

  it("of messages and strings", async () => {
    const bytes = await encodeModel(model());
    await expect(readModel(bytes, { maxElements: 5 })).rejects.toThrow(
      "more than maxElements=5 messages and strings",
    );
  });
});

it("reading and writing take time in proportion to the graph", async () => {
  const files = new Map<number, Uint8Array>();
  for (const size of [2_000, 32_000]) {
    const graph = new Graph();
    let value = graph.addInput("x", null);
    for (let i = 0; i < size; i++) {
      const name = `/layer${i}/relu`;
      const type = { kind: "tensor", dtype: "float32", shape: [1, 8, i] } as const;
      const output = graph.newValue(`${name}_out`, type);
      graph.addNode("Relu", [value], { name, outputs: [output] });
      value = output;
    }
    files.set(size, await encodeModel(new Model(graph)));
  }
  const ratio = await growth(
    2_000,
    (size) => async () => encodeModel(await readModel(files.get(size)!)),
  );
  expect(ratio).toBeLessThan(LINEAR);
});
