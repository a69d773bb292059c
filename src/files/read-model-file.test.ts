import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { parseModel } from "../graph/index.js";
import { readModel } from "../onnx/index.js";
import { FormatError } from "../util/errors.js";
import { fileSource } from "./file-source.js";
import { readModelFile } from "./read-model-file.js";
import { writeModelFile } from "./write-model-file.js";

const at = temporaryFolder();

const model = () =>
  parseModel(`
    m (float[1, 8, 4, 4] x) => (float[1, 8, 4, 4] y)
    <float[8, 8, 3, 3] w> { y = Conv<pads = [1, 1, 1, 1]>(x, w) }`);

const weights = () => model().graph.find("w")!.initializer!.load();

async function loadWeights(path: string): Promise<Uint8Array> {
  const read = await readModelFile(path);
  return read.graph.find("w")!.initializer!.load();
}

describe("weights beside the model", () => {
  beforeEach(async () => {
    mkdirSync(at("models"));
    await writeModelFile(at("models", "m.onnx"), model(), { externalData: "always" });
    expect(readdirSync(at("models")).sort()).toEqual(["m.onnx", "m.onnx.data"]);
  });

  it("are found by the model's path", async () => {
    expect(await loadWeights(at("models", "m.onnx"))).toEqual(await weights());
  });

  it("are found through a folder that is a link", async () => {
    symlinkSync(at("models"), at("link"));
    expect(await loadWeights(at("link", "m.onnx"))).toEqual(await weights());
  });

  it("are found through a model that is a link", async () => {
    symlinkSync(at("models", "m.onnx"), at("models", "latest.onnx"));
    expect(await loadWeights(at("models", "latest.onnx"))).toEqual(await weights());
  });

  it("are found where both are links into one store, as in Hugging Face's cache", async () => {
    mkdirSync(at("blobs"));
    mkdirSync(at("snapshot"));
    renameSync(at("models", "m.onnx"), at("blobs", "01ab"));
    renameSync(at("models", "m.onnx.data"), at("blobs", "23cd"));
    symlinkSync("../blobs/01ab", at("snapshot", "m.onnx"));
    symlinkSync("../blobs/23cd", at("snapshot", "m.onnx.data"));
    expect(await loadWeights(at("snapshot", "m.onnx"))).toEqual(await weights());
  });

  it("are not looked for before they are loaded", async () => {
    rmSync(at("models", "m.onnx.data"));
    const read = await readModelFile(at("models", "m.onnx"));
    expect(read.graph.find("w")!.initializer!.shape).toEqual([8, 8, 3, 3]);
    await expect(read.graph.find("w")!.initializer!.load()).rejects.toThrow(
      new FormatError(
        `graph.initializer[0] "w": cannot read the weights in "${at("models", "m.onnx.data")}": there is no such file`,
      ),
    );
  });

  it("are refused when their file is too short", async () => {
    writeFileSync(at("models", "m.onnx.data"), new Uint8Array(100));
    await expect(loadWeights(at("models", "m.onnx"))).rejects.toThrow(
      'graph.initializer[0] "w": read: offset=0 + length=2304 must stay within size=100 bytes',
    );
  });
});

describe("weights that lead out of the model's folder are not read", () => {
  const secret = new Uint8Array(8 * 8 * 9 * 4).fill(42);
  beforeEach(async () => {
    mkdirSync(at("private"));
    writeFileSync(at("private", "secret"), secret);
    mkdirSync(at("models"));
    await writeModelFile(at("models", "m.onnx"), model(), { externalData: "always" });
    rmSync(at("models", "m.onnx.data"));
  });

  const refused = async () => {
    const error = await loadWeights(at("models", "m.onnx")).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    return error.message;
  };

  it("through a link", async () => {
    symlinkSync(at("private", "secret"), at("models", "m.onnx.data"));
    expect(await refused()).toContain(
      `the weights in "m.onnx.data" lie outside of the model's folder, through a link`,
    );
  });

  it("through links in a row", async () => {
    symlinkSync("b", at("models", "m.onnx.data"));
    symlinkSync(at("private", "secret"), at("models", "b"));
    expect(await refused()).toContain("lie outside of the model's folder");
  });

  it("into a folder whose name begins like the model's", async () => {
    cpSync(at("private"), at("models-private"), { recursive: true });
    symlinkSync(at("models-private", "secret"), at("models", "m.onnx.data"));
    expect(await refused()).toContain("lie outside of the model's folder");
  });

  it("nor is a folder in the place of a file", async () => {
    mkdirSync(at("models", "m.onnx.data"));
    expect(await refused()).toContain("it is a folder");
  });
});

describe("a path that is no model", () => {
  it.each([
    ["missing", () => {}, "there is no such file"],
    ["a folder", (path: string) => mkdirSync(path), "it is a folder"],
    ["empty", (path: string) => writeFileSync(path, ""), "the file is empty"],
    ["text", (path: string) => writeFileSync(path, "hello, world"), "ModelProto"],
  ])("%s", async (_, make, message) => {
    make(at("m.onnx"));
    const error = await readModelFile(at("m.onnx")).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(message);
  });
});

it("a model over 4 GiB is read in a few pages, what stands behind its weights included", async () => {
  const bias = Float32Array.from({ length: 2048 }, (_, i) => i);
  writeLargeModel(at("large.onnx"), 4.5 * 2 ** 30, bias);
  const file = fileSource(at("large.onnx"));
  const reads: number[] = [];
  const large = await readModel({
    size: file.size,
    read(offset, length) {
      reads.push(length);
      return file.read(offset, length);
    },
  });
  expect(large.graph.find("w")!.initializer!.byteLength).toBe(4.5 * 2 ** 30);
  expect(large.graph.inputs.map((input) => input.name)).toEqual(["x"]);
  expect(reads.length).toBeLessThan(10);
  expect(reads.reduce((total, length) => total + length)).toBeLessThan(2 ** 17);

  const loaded = await large.graph.find("b")!.initializer!.load(); // begins behind 4.5 GiB
  expect(new Float32Array(loaded.slice().buffer)).toEqual(bias);
  expect(reads.at(-1)).toBe(4 * bias.length);
  file.close();
});

/** A file by hand: a graph of `w`, zeros that a sparse file holds for nothing, then `b`, then the input. */
function writeLargeModel(path: string, weightBytes: number, bias: Float32Array): void {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const dims = 0x08; // TensorProto: field 1, a number
  const dataType = 0x10; // field 2
  const name = 0x42; // field 8, bytes
  const rawData = 0x4a; // field 9
  const tensor = (label: string, count: number) => [
    ...[dims, ...varint(count), dataType, 1, name, ...text(label)],
    ...[rawData, ...varint(4 * count)],
  ];
  const initializer = 0x2a; // GraphProto: field 5
  const w = tensor("w", weightBytes / 4);
  const b = tensor("b", bias.length);
  const first = [initializer, ...varint(w.length + weightBytes), ...w];
  const second = [initializer, ...varint(b.length + 4 * bias.length), ...b];
  const input = [0x5a, 3, 0x0a, ...text("x")]; // field 11: a ValueInfoProto with a name
  const graphBytes = first.length + weightBytes + second.length + 4 * bias.length + input.length;
  const head = [0x08, 8, 0x3a, ...varint(graphBytes), ...first]; // ModelProto: ir_version, graph

  const descriptor = openSync(path, "w");
  writeSync(descriptor, Uint8Array.from(head), 0, head.length, 0);
  let at = head.length + weightBytes;
  for (const piece of [
    Uint8Array.from(second),
    new Uint8Array(bias.buffer),
    Uint8Array.from(input),
  ])
    at += writeSync(descriptor, piece, 0, piece.length, at);
  closeSync(descriptor);
}
