import { describe, expect, it } from "vitest";
import { Graph, type Model } from "../graph/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { full, type LazyTensor, readFloat64, tensor } from "../tensor/index.js";
import { join } from "./encode.js";
import { encodeOptimisationProbe } from "./optimisation-probe.js";
import { readModel } from "./read.js";
import { encodeModel, modelWithExternalWeights } from "./write.js";

const PLENTY = { maxBytes: 2 ** 20 };

describe("encodeOptimisationProbe", () => {
  it("fills large float constants of every width with 2^-7, and reads none of them", async () => {
    for (const dtype of ["float16", "bfloat16", "float32", "float64"] as const) {
      const model = newModel("test");
      model.graph.addInitializer(unreadable([32, 64], dtype), "w");
      const w = (await probe(model)).graph.find("w")!.initializer!;
      expect([w.dtype, w.shape]).toEqual([dtype, [32, 64]]);
      expect(new Set(await readFloat64(w))).toEqual(new Set([2 ** -7]));
    }
  });

  it("keeps integers and what is small, which an optimiser may look at", async () => {
    const model = newModel("test");
    const kept = {
      indices: tensor(
        BigInt64Array.from({ length: 600 }, (_, i) => BigInt(i)),
        [600],
      ),
      scales: tensor([1, 1, 2, 2], [4]),
      edge: full([512], 3), // 2048 bytes
    };
    for (const [name, data] of Object.entries(kept)) model.graph.addInitializer(data, name);
    const { graph } = await probe(model);
    for (const [name, data] of Object.entries(kept))
      expect(await graph.find(name)!.initializer!.load()).toEqual(await data.load());
  });

  it("fills weights in Constant nodes and in bodies", async () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    const body = new GraphBuilder(new Graph(model.graph));
    body.graph.name = "body";
    body.output(body.op("Constant", [], { value: unreadable([1024]) }));
    body.constant(unreadable([1024]), "inner");
    const condition = b.input("condition", [], "bool");
    b.output(b.op("If", [condition], { then_branch: body.graph, else_branch: body.graph }));
    const { graph } = await probe(model);
    const bodies = graph.nodes[0].subgraphs;
    expect(bodies).toHaveLength(2);
    for (const { nodes, initializers } of bodies) {
      const constant = nodes[0].attributes.get("value");
      expect(constant).toMatchObject({ type: "tensor", value: { shape: [1024] } });
      expect(await readFloat64(initializers[0].initializer!)).toEqual(
        new Float64Array(1024).fill(2 ** -7),
      );
    }
  });

  it("needs no file of weights beside the model", async () => {
    const model = newModel("test");
    model.graph.addInitializer(full([1024], 3), "w");
    const { model: main } = modelWithExternalWeights(model, "weights.bin");
    const alone = await readModel(await join(main)); // the second file is not there
    await expect(encodeModel(alone)).rejects.toThrow("weights.bin");
    const w = (await probe(alone)).graph.find("w")!.initializer!;
    expect(await readFloat64(w)).toEqual(new Float64Array(1024).fill(2 ** -7));
  });

  it("is null when the model takes more than maxBytes, and has asked for no memory by then", async () => {
    const model = newModel("test");
    model.graph.addInitializer(unreadable([1024]), "w");
    const { length } = (await encodeOptimisationProbe(model, PLENTY))!;
    expect(await encodeOptimisationProbe(model, { maxBytes: length })).toHaveLength(length);
    expect(await encodeOptimisationProbe(model, { maxBytes: length - 1 })).toBeNull();

    model.graph.addInitializer(unreadable([2 ** 40]), "terabytes");
    expect(await encodeOptimisationProbe(model, PLENTY)).toBeNull();
  });

  it("leaves the model as it was", async () => {
    const model = newModel("test");
    const data = full([1024], 3);
    model.graph.addInitializer(data, "w");
    const before = await encodeModel(model);
    await encodeOptimisationProbe(model, PLENTY);
    expect(model.graph.find("w")!.initializer).toBe(data);
    expect(await encodeModel(model)).toEqual(before);
  });
});

async function probe(model: Model): Promise<Model> {
  return readModel((await encodeOptimisationProbe(model, PLENTY))!);
}

function unreadable(
  shape: readonly number[],
  dtype: "float16" | "bfloat16" | "float32" | "float64" = "float32",
): LazyTensor {
  const width = { float16: 2, bfloat16: 2, float32: 4, float64: 8 }[dtype];
  const byteLength = width * shape.reduce((a, b) => a * b);
  return { dtype, shape, byteLength, load: () => Promise.reject(new Error("a weight was read")) };
}
