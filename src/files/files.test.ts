import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import * as ort from "onnxruntime-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { fileSource, readModelFile, writeFileAtomic, writeModelFile } from "./index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "groupconv-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const model = () =>
  parseModel(
    `m (float[1,8,4,4] x) => (float[1,8,4,4] y) <float[8,8,3,3] w> { y = Conv<pads=[1,1,1,1]>(x, w) }`,
  );

describe("fileSource", () => {
  it("reads pieces, and refuses what lies outside", async () => {
    const path = join(folder, "bytes");
    writeFileSync(path, Uint8Array.of(1, 2, 3, 4));
    const source = fileSource(path);
    expect(source.size).toBe(4);
    expect([...(await source.read(1, 2))]).toEqual([2, 3]);
    await expect(source.read(3, 2)).rejects.toThrow("must stay within size=4 bytes");
    source.close();
  });

  it.each([
    ["nothing", "no-such-file", /there is no such file/],
    ["a folder", ".", /it is a folder/],
  ])("says in one sentence that %s cannot be read", (_, name, message) => {
    expect(() => fileSource(join(folder, name))).toThrow(message);
  });

  it("reads past 4 GiB", async () => {
    const path = join(folder, "large");
    const descriptor = openSync(path, "w");
    ftruncateSync(descriptor, 5e9);
    writeSync(descriptor, Uint8Array.of(7, 8), 0, 2, 5e9 - 2);
    closeSync(descriptor);
    expect([...(await fileSource(path).read(5e9 - 3, 3))]).toEqual([0, 7, 8]);
  });
});

describe("readModelFile", () => {
  it("reads the structure of a model over 4 GiB in a few pages", async () => {
    const path = join(folder, "large.onnx");
    const count = 1.2e9; // float32: 4.8 GB of weights, which a sparse file holds for nothing
    const tensor = new BinaryWriter()
      .tag(1, WireType.Varint)
      .int64(count)
      .tag(2, WireType.Varint)
      .int32(1)
      .tag(8, WireType.LengthDelimited)
      .string("w")
      .tag(9, WireType.LengthDelimited)
      .uint64(4 * count)
      .finish();
    const graph = new BinaryWriter()
      .tag(5, WireType.LengthDelimited)
      .uint64(tensor.length + 4 * count)
      .raw(tensor)
      .finish();
    const head = new BinaryWriter()
      .tag(1, WireType.Varint)
      .int64(8)
      .tag(7, WireType.LengthDelimited)
      .uint64(graph.length + 4 * count)
      .raw(graph)
      .finish();
    const descriptor = openSync(path, "w");
    writeSync(descriptor, head);
    ftruncateSync(descriptor, head.length + 4 * count);
    closeSync(descriptor);

    const before = process.memoryUsage.rss();
    const large = await readModelFile(path);
    expect(large.graph.find("w")?.initializer?.shape).toEqual([count]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 2 ** 20);
  });

  it("finds weights in a file beside the model, and only there", async () => {
    const path = join(folder, "model.onnx");
    await writeModelFile(path, model(), { externalData: "always" });
    expect(readdirSync(folder).sort()).toEqual(["model.onnx", "model.onnx.data"]);
    const again = await readModelFile(path);
    expect(await again.graph.find("w")!.initializer!.load()).toEqual(
      await model().graph.find("w")!.initializer!.load(),
    );

    const secret = join(folder, "secret");
    writeFileSync(secret, new Uint8Array(4 * 8 * 8 * 9));
    const inner = join(folder, "inner");
    mkdirSync(inner);
    writeFileSync(join(inner, "model.onnx"), readFileSync(path));
    symlinkSync(secret, join(inner, "model.onnx.data"));
    const hostile = await readModelFile(join(inner, "model.onnx"));
    await expect(hostile.graph.find("w")!.initializer!.load()).rejects.toThrow(
      "lie outside of the model's folder",
    );
  });

  it("says what is missing when the weights' file is", async () => {
    const path = join(folder, "model.onnx");
    await writeModelFile(path, model(), { externalData: "always" });
    rmSync(`${path}.data`);
    const again = await readModelFile(path);
    await expect(again.graph.find("w")!.initializer!.load()).rejects.toThrow(
      /cannot read the weights in ".*model.onnx.data": there is no such file/,
    );
  });
});

describe("writeModelFile", () => {
  it("writes what the runtime runs, in one file or in two", async () => {
    const x = new ort.Tensor("float32", new Float32Array(128).fill(1), [1, 8, 4, 4]);
    const outputs = [];
    for (const externalData of ["never", "always"] as const) {
      const path = join(folder, `${externalData}.onnx`);
      await writeModelFile(path, model(), { externalData });
      const session = await ort.InferenceSession.create(path);
      outputs.push([...((await session.run({ x })).y.data as Float32Array)]);
    }
    expect(outputs[0]).toEqual(outputs[1]);
    expect(outputs[0].some((value) => value !== 0)).toBe(true);
  });

  it("never writes over a file unasked, and never over the model's own", async () => {
    const path = join(folder, "model.onnx");
    writeFileSync(path, await encodeModel(model()));
    await expect(writeModelFile(path, model())).rejects.toThrow("it exists already");
    await writeModelFile(path, model(), { overwrite: true });
    const read = await readModelFile(path);
    await expect(writeModelFile(path, read, { overwrite: true })).rejects.toThrow(
      "was read from there",
    );
  });

  it("leaves nothing behind when it fails", async () => {
    const path = join(folder, "model.onnx");
    const broken = model();
    broken.graph.find("w")!.initializer = {
      dtype: "float32",
      shape: [8, 8, 3, 3],
      byteLength: 2304,
      load: async () => {
        throw new Error("torn away");
      },
    };
    await expect(writeModelFile(path, broken)).rejects.toThrow("torn away");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("writeFileAtomic", () => {
  it("replaces a file whole", async () => {
    const path = join(folder, "report.html");
    writeFileSync(path, "a much longer text than the new one");
    await writeFileAtomic(path, "neu é");
    expect(readFileSync(path, "utf8")).toBe("neu é");
  });

  it("says in one sentence that a folder is missing", async () => {
    const path = join(folder, "none", "report.html");
    await expect(writeFileAtomic(path, "x")).rejects.toThrow(
      /cannot write ".*": there is no such file/,
    );
    expect(existsSync(join(folder, "none"))).toBe(false);
  });
});
