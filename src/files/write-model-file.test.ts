import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../tests/support/describe-model.js";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { type Model, parseModel } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import type { LazyTensor } from "../tensor/index.js";
import { readModelFile } from "./read-model-file.js";
import { writeModelFile } from "./write-model-file.js";

const at = temporaryFolder();

const model = () =>
  parseModel(`
    m (float[1, 8, 4, 4] x) => (float[1, 8, 4, 4] y)
    <float[8, 8, 3, 3] w, float[8] b> { y = Conv<pads = [1, 1, 1, 1]>(x, w, b) }`);

/** A model whose weight is what the test makes of it. */
function modelWith(weight: Partial<LazyTensor>): Model {
  const made = model();
  made.graph.find("w")!.initializer = {
    dtype: "float32",
    shape: [8, 8, 3, 3],
    byteLength: 2304,
    load: async () => new Uint8Array(2304),
    ...weight,
  };
  return made;
}

describe("what is written", () => {
  it.each(["never", "always", "auto"] as const)(
    "externalData %s: runs and reads back the same",
    async (externalData) => {
      await writeModelFile(at("m.onnx"), model(), { externalData });
      expect(readdirSync(at()).sort()).toEqual(
        externalData === "always" ? ["m.onnx", "m.onnx.data"] : ["m.onnx"],
      );
      const read = await readModelFile(at("m.onnx"));
      expect(await describeModel(read)).toEqual(await describeModel(model()));

      const x = new ort.Tensor("float32", new Float32Array(128).fill(1), [1, 8, 4, 4]);
      const outputs = await Promise.all(
        [at("m.onnx"), await encodeModel(model())].map(async (source) => {
          const session = await ort.InferenceSession.create(source as string);
          return [...((await session.run({ x })).y.data as Float32Array)];
        }),
      );
      expect(outputs[0]).toEqual(outputs[1]);
      expect(outputs[0].some((value) => value !== 0)).toBe(true);
    },
  );

  it("weights of 1024 bytes and more go beside the model, page by page", async () => {
    await writeModelFile(
      at("m.onnx"),
      modelWith({ load: async () => new Uint8Array(2304).fill(7) }),
      {
        externalData: "always",
      },
    );
    expect([...readFileSync(at("m.onnx.data"))]).toEqual(Array(2304).fill(7)); // w, not b
  });

  it("a model read from a pair of files can be written as one", async () => {
    await writeModelFile(at("two.onnx"), model(), { externalData: "always" });
    const read = await readModelFile(at("two.onnx"));
    await writeModelFile(at("one.onnx"), read);
    rmSync(at("two.onnx.data"));
    const again = await readModelFile(at("one.onnx"));
    expect(await describeModel(again)).toEqual(await describeModel(model()));
  });
});

describe("2 GiB, which protobuf cannot hold", () => {
  const large = () => modelWith({ byteLength: 2 ** 31, shape: [2 ** 29] });

  it("is refused in one file", async () => {
    await expect(writeModelFile(at("m.onnx"), large(), { externalData: "never" })).rejects.toThrow(
      /^cannot write "[^"]*": 21474838\d\d bytes exceed the 2 GiB of protobuf$/,
    );
    expect(readdirSync(at())).toEqual([]);
  });

  it("makes auto put the weights beside the model", async () => {
    writeFileSync(at("m.onnx.data"), "in the way");
    await expect(writeModelFile(at("m.onnx"), large())).rejects.toThrow(
      `cannot write "${at("m.onnx.data")}": it exists already`,
    );
  });

  it("is refused where constants, not initializers, are that large", async () => {
    const made = parseModel("m () => (y) { y = Constant<value = float[1] {}>() }");
    const { initializer } = large().graph.find("w")!;
    made.graph.nodes[0].attributes.set("value", { type: "tensor", value: initializer! });
    await expect(writeModelFile(at("m.onnx"), made)).rejects.toThrow(
      "exceed the 2 GiB of protobuf",
    );
  });
});

describe("files that are there already", () => {
  it("are not written over unasked", async () => {
    writeFileSync(at("m.onnx"), "kept");
    await expect(writeModelFile(at("m.onnx"), model())).rejects.toThrow(
      `cannot write "${at("m.onnx")}": it exists already`,
    );
    expect(readFileSync(at("m.onnx"), "utf8")).toBe("kept");
    await writeModelFile(at("m.onnx"), model(), { overwrite: true });
    expect((await readModelFile(at("m.onnx"))).graph.nodes).toHaveLength(1);
  });

  it("nor is the file of the weights", async () => {
    writeFileSync(at("m.onnx.data"), "kept");
    await expect(writeModelFile(at("m.onnx"), model(), { externalData: "always" })).rejects.toThrow(
      `"${at("m.onnx.data")}": it exists already`,
    );
    expect(readdirSync(at())).toEqual(["m.onnx.data"]);
  });

  it("nor a folder", async () => {
    mkdirSync(at("m.onnx"));
    await expect(writeModelFile(at("m.onnx"), model(), { overwrite: true })).rejects.toThrow(
      `cannot write "${at("m.onnx")}": it is a folder`,
    );
  });

  it.each([
    ["by its path", (path: string) => path],
    [
      "by a link",
      (path: string) => {
        symlinkSync(path, at("link.onnx"));
        return at("link.onnx");
      },
    ],
    [
      "by a second name",
      (path: string) => {
        linkSync(path, at("second.onnx"));
        return at("second.onnx");
      },
    ],
    ["by a way round", () => at("folder", "..", "m.onnx")],
  ])("the model's own is never written over, %s", async (_, other) => {
    mkdirSync(at("folder"));
    writeFileSync(at("m.onnx"), await encodeModel(model()));
    const bytes = readFileSync(at("m.onnx"));
    const read = await readModelFile(at("m.onnx"));
    await expect(writeModelFile(other(at("m.onnx")), read, { overwrite: true })).rejects.toThrow(
      "the model was read from there",
    );
    expect(readFileSync(at("m.onnx"))).toEqual(bytes);
  });
});

describe("a failure leaves nothing behind", () => {
  const torn = { load: () => Promise.reject(new Error("torn away")) };

  it.each(["never", "always"] as const)("with externalData %s", async (externalData) => {
    await expect(writeModelFile(at("m.onnx"), modelWith(torn), { externalData })).rejects.toThrow(
      "torn away",
    );
    expect(readdirSync(at())).toEqual([]);
  });

  it("nor half of a pair: the weights can be written, the model cannot", async () => {
    const made = modelWith({});
    made.graph.find("b")!.initializer = { dtype: "float32", shape: [8], byteLength: 32, ...torn };
    await expect(writeModelFile(at("m.onnx"), made, { externalData: "always" })).rejects.toThrow(
      "torn away",
    );
    expect(readdirSync(at())).toEqual([]);
  });

  it("when a tensor gives another number of bytes than it announced", async () => {
    const short = modelWith({ load: async () => new Uint8Array(2300) });
    await expect(writeModelFile(at("m.onnx"), short)).rejects.toThrow(
      "a tensor gave 2300 bytes, but announced 2304",
    );
    expect(readdirSync(at())).toEqual([]);
  });
});
