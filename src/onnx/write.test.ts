import { describe, expect, it } from "vitest";
import { describeModel } from "../../tests/support/describe-model.js";
import { type Model, parseModel } from "../graph/index.js";
import { bytesSource } from "../util/byte-source.js";
import { join } from "./encode.js";
import type { FileTensor } from "./file-tensor.js";
import { readModel } from "./read.js";
import { encodeModel, modelPieces, modelWithExternalWeights } from "./write.js";

const model = () =>
  parseModel(`
    g (float[1, 8, 4, 4] x) => (y)
    <float[8, 8, 3, 3] w, float[8] b, float[300] spare, int64[2] shape = {1, -1}, int4[4001] packed> {
      c = Conv(x, w, b)
      t = Constant<value = float[500] {}>()
      s = If(t) <then_branch = body () => (i) <float[400] inner> { i = Identity(inner) }>
      y = Reshape(c, shape)
    }`);

/** The two files, read back as one model. */
async function readBack(made: Model, options?: { minBytes?: number }) {
  const pieces = modelWithExternalWeights(made, "w.bin", options);
  const [file, weights] = [await join(pieces.model), await join(pieces.weights)];
  const read = await readModel(file, {
    externalData: async (location) => {
      expect(location).toBe("w.bin");
      return bytesSource(weights);
    },
  });
  return { read, file, weights };
}

describe("weights in a second file", () => {
  it("are those of 1024 bytes and more, in bodies too, each on a page of its own", async () => {
    const { read, weights } = await readBack(model());
    const { graph } = read;
    const body = graph.nodes.flatMap((node) => node.subgraphs)[0];
    const external = [...graph.initializers, ...body.initializers].filter(
      (value) => (value.initializer as FileTensor).isExternal,
    );
    expect(external.map((value) => value.name)).toEqual(["w", "spare", "packed", "inner"]);
    // inner 1600 bytes at 0, w 2304 at 4096, spare 1200 at 8192, packed 2001 at 12288
    expect(weights.length).toBe(12288 + 2001);
  });

  it("leave the model as it is", async () => {
    const { read } = await readBack(model());
    expect(await describeModel(read)).toEqual(await describeModel(model()));
  });

  it("may be all of them", async () => {
    const { read } = await readBack(model(), { minBytes: 0 });
    for (const value of read.graph.initializers)
      expect((value.initializer as FileTensor).isExternal).toBe(true);
    expect(await describeModel(read)).toEqual(await describeModel(model()));
  });

  it("may be none", async () => {
    const { file, weights } = await readBack(model(), { minBytes: 1e9 });
    expect(file).toEqual(await encodeModel(model()));
    expect(weights).toHaveLength(0);
  });
});

it("pieces are made without reading a weight", () => {
  const made = model();
  made.graph.find("w")!.initializer = {
    dtype: "float32",
    shape: [2 ** 30],
    byteLength: 2 ** 32,
    load: () => Promise.reject(new Error("was read")),
  };
  expect(modelPieces(made).length).toBeGreaterThan(2 ** 32);
  const { model: structure, weights } = modelWithExternalWeights(made, "w.bin");
  expect(structure.length).toBeLessThan(1e4);
  expect(weights.length).toBeGreaterThan(2 ** 32);
});
