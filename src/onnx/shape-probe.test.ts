import { describe, expect, it } from "vitest";
import { Graph, type Model, parseModel } from "../graph/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { full, type LazyTensor, tensor } from "../tensor/index.js";
import { readModel } from "./read.js";
import { encodeShapeProbe } from "./shape-probe.js";

describe("encodeShapeProbe", () => {
  it("makes large constants inputs, one for each type and shape, and reads none", async () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    let x = b.input("x", [1, 64, 8, 8]);
    for (const shape of [
      [64, 64, 1, 1],
      [64, 64, 1, 1],
      [64, 8, 3, 3],
    ])
      x = b.op("Conv", [x, b.constant(unreadable(shape))], { group: 64 / shape[1] });
    x = b.op("Conv", [x, b.op("Constant", [], { value: unreadable([64, 64, 1, 1]) })]);
    b.output(x);

    const { graph } = await probe(model);
    expect(graph.initializers).toEqual([]);
    const [, ...standIns] = graph.inputs;
    expect(standIns.map(({ type }) => type)).toEqual([
      { kind: "tensor", dtype: "float32", shape: [64, 64, 1, 1] },
      { kind: "tensor", dtype: "float32", shape: [64, 8, 3, 3] },
    ]);
    const [dense, grouped] = standIns;
    expect(graph.nodes.map(({ inputs }) => inputs[1])).toEqual([dense, dense, grouped, dense]);
  });

  it("keeps what may be a size, an axis or a scale", async () => {
    const model = newModel("test");
    const kept = {
      sizes: tensor(new BigInt64Array(512), [512]),
      scales: tensor([1, 1, 2, 2], [4]),
      edge: full([64], 3),
    };
    for (const [name, data] of Object.entries(kept)) model.graph.addInitializer(data, name);
    model.graph.addInitializer(unreadable([65]), "bias");
    const { graph } = await probe(model);
    expect(graph.initializers.map(({ name }) => name)).toEqual(Object.keys(kept));
  });

  it("gives every node's outputs as outputs", async () => {
    const model = parseModel("m (float[1,8] x) => (z) { y = Relu(x) z, m = Dropout(y) }");
    const { graph } = await probe(model);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y", "z", "m"]);
  });

  it("takes no name that the model has, in a body or outside", async () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    const condition = b.input("constant_0", [], "bool");
    const body = new GraphBuilder(new Graph(model.graph));
    body.graph.name = "body";
    const weight = body.constant(unreadable([8, 65]), "w");
    const doubled = body.op("Add", [weight, weight]);
    body.graph.rename(doubled, "constant_0_");
    body.output(doubled);
    b.output(b.op("If", [condition], { then_branch: body.graph, else_branch: body.graph }));

    const { graph } = await probe(model);
    const [, standIn] = graph.inputs;
    expect(standIn.name).toBe("constant_0__");
    for (const { nodes, initializers } of graph.nodes[0].subgraphs) {
      expect(initializers).toEqual([]);
      expect(nodes[0].inputs).toEqual([standIn, standIn]);
    }
  });

  it("leaves a constant in the body that returns it, or hides another one by its name", async () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    const condition = b.input("condition", [], "bool");
    const outer = b.constant(unreadable([70]), "w");
    const returning = new GraphBuilder(new Graph(model.graph));
    returning.graph.name = "returning";
    returning.output(returning.constant(full([70], 2), "returned"));
    const hiding = new GraphBuilder(new Graph(model.graph));
    hiding.graph.name = "hiding";
    const small = hiding.constant(full([1], 2), "w");
    hiding.output(hiding.op("Add", [small, small]));
    const branches = { then_branch: returning.graph, else_branch: hiding.graph };
    b.output(b.op("Add", [b.op("If", [condition], branches), outer]));

    const { graph } = await probe(model);
    const [then, otherwise] = graph.nodes[0].subgraphs;
    expect(then.initializers.map(({ name }) => name)).toEqual(["returned"]);
    expect(otherwise.nodes[0].inputs[0]?.initializer?.shape).toEqual([1]);
    expect(graph.nodes[1].inputs[1]).toBe(graph.inputs[1]);
  });

  it("takes constants off the list of inputs, where old files have them too", async () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    const x = b.input("x", [1, 64]);
    const w = b.constant(unreadable([64, 64]), "w");
    model.graph.inputs.push(w);
    b.output(b.op("MatMul", [x, w]));
    const { graph } = await probe(model);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x", "constant_0"]);
  });
});

async function probe(model: Model): Promise<Model> {
  return readModel(await encodeShapeProbe(model, { inputShapes: new Map() }));
}

function unreadable(shape: readonly number[]): LazyTensor {
  const byteLength = 4 * shape.reduce((a, b) => a * b);
  return {
    dtype: "float32",
    shape,
    byteLength,
    load: () => Promise.reject(new Error("a weight was read")),
  };
}
