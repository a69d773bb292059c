import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { type Model, parseModel } from "../graph/index.js";
import { tensor } from "../tensor/index.js";
import { GraphError } from "../util/errors.js";
import { FileTensor } from "./file-tensor.js";
import { modelFromProto } from "./from-proto.js";
import { readModel } from "./read.js";
import type { ModelProto, Payload, ValueInfoProto } from "./schema.js";
import { modelToProto } from "./to-proto.js";
import { encodeModel } from "./write.js";

const fixture = (name: string) =>
  readModel(
    new Uint8Array(
      readFileSync(new URL(`../../tests/fixtures/onnx/${name}.onnx`, import.meta.url)),
    ),
  );

const names = (infos: readonly ValueInfoProto[] | undefined) => infos?.map((info) => info.name);

describe("a graph of our own", () => {
  const proto = modelToProto(
    parseModel(`
      <ir_version: 9, opset_import: ["" : 18], metadata_props: ["k" : "v"]>
      g (float[N, 4] x) => (float[] y) <float[4] w = {1, 2, 3, 4}, float[?, 4] h> {
        [add] h = Add<a = 1, b = 0.5, c = "s", d = [1, 2], e = [0.5], f = ["t"]>(x, "", w)
        y = my.domain.Op(h)
      }`),
  );
  const [add, op] = proto.graph!.node!;

  it("says each thing in its field", async () => {
    expect(proto).toMatchObject({
      irVersion: 9,
      opsetImport: [{ domain: "", version: 18 }],
      metadataProps: [{ key: "k", value: "v" }],
    });
    expect(add).toMatchObject({ input: ["x", "", "w"], output: ["h"], name: "add", opType: "Add" });
    expect(add.attribute).toEqual([
      { name: "a", type: 2, i: 1 },
      { name: "b", type: 1, f: 0.5 },
      { name: "c", type: 3, s: new TextEncoder().encode("s") },
      { name: "d", type: 7, ints: [1, 2] },
      { name: "e", type: 6, floats: [0.5] },
      { name: "f", type: 8, strings: [new TextEncoder().encode("t")] },
    ]);
    expect(op).toMatchObject({ domain: "my.domain", opType: "Op", input: ["h"], output: ["y"] });
    expect([op.name, op.attribute]).toEqual([undefined, undefined]);
  });

  it("declares inputs, outputs and the types between", () => {
    const { input, output, valueInfo } = proto.graph!;
    expect(input).toEqual([
      {
        name: "x",
        type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: "N" }, { dimValue: 4 }] } } },
      },
    ]);
    expect(output).toEqual([
      { name: "y", type: { tensorType: { elemType: 1, shape: undefined } } },
    ]);
    expect(valueInfo).toEqual([
      { name: "h", type: { tensorType: { elemType: 1, shape: { dim: [{}, { dimValue: 4 }] } } } },
    ]);
  });

  it("writes weights raw", async () => {
    const [w] = proto.graph!.initializer!;
    expect(w).toMatchObject({ name: "w", dims: [4], dataType: 1 });
    expect([...new Float32Array((await w.rawData!.read()).slice().buffer)]).toEqual([1, 2, 3, 4]);
  });

  it("a scalar has a shape without sizes, unlike what has no known shape", () => {
    const scalar = modelToProto(parseModel("g (float x, float[] y) => () {}")).graph!.input!;
    expect(scalar.map((info) => info.type!.tensorType!.shape)).toEqual([
      { dim: undefined },
      undefined,
    ]);
  });
});

describe("edits of what was read", () => {
  let model: Model;
  beforeEach(async () => {
    model = await fixture("metadata");
  });
  const written = () => modelToProto(model);

  it("a renamed value is renamed wherever it stands, its notes with it", () => {
    const { graph } = model;
    graph.rename(graph.inputs[0], "image");
    graph.rename(graph.outputs[0], "scores");
    const { input, output, node } = written().graph!;
    expect(input![0]).toMatchObject({ name: "image", docString: "of the input" });
    expect(names(output)).toEqual(["scores"]);
    expect(node![0]).toMatchObject({ input: ["image"], output: ["scores"] });
  });

  it("a new type replaces the old one, and only it", () => {
    model.graph.inputs[0].type = { kind: "tensor", dtype: "float16", shape: ["N", 4] };
    const [input] = written().graph!.input!;
    expect(input.type!.tensorType).toEqual({
      elemType: 10,
      shape: { dim: [{ dimParam: "N" }, { dimValue: 4 }] },
    });
    expect(input.docString).toBe("of the input");
  });

  it("a new attribute joins, an old one is replaced, a deleted one is gone", () => {
    const node = model.graph.nodes[0];
    node.attributes.set("alpha", { type: "float", value: 0.5 });
    node.attributes.set("beta", { type: "int", value: 1 });
    node.attributes.set("alpha", { type: "float", value: 0.25 });
    node.attributes.delete("beta");
    expect(written().graph!.node![0]).toMatchObject({
      attribute: [{ name: "alpha", type: 1, f: 0.25 }],
      docString: "of the node",
      metadataProps: [{ key: "node" }, { key: "namespace" }],
    });
  });

  it("metadata that changed is written anew, else as it came, twice the same key included", () => {
    expect(written().metadataProps).toHaveLength(4); // "a" is there twice
    model.metadata.set("b", "earlier");
    expect(written().metadataProps).toEqual([
      { key: "b", value: "earlier" },
      { key: "a", value: "twice" },
      { key: "key", value: "value" },
    ]);
    model.metadata.clear();
    expect(written().metadataProps).toBeUndefined();
  });

  it("opsets that changed are written anew", () => {
    model.opsets.set("com.microsoft", 1);
    expect(written().opsetImport).toEqual([
      { domain: "", version: 21 },
      { domain: "com.microsoft", version: 1 },
    ]);
  });

  it("notes about a value that is gone are gone", () => {
    const { graph } = model;
    expect(names(written().graph!.valueInfo)).toEqual(["between"]); // nobody's: kept as it came
    const extra = graph.addNode("Abs", graph.inputs, { name: "extra" });
    extra.outputs[0]!.type = { kind: "tensor", dtype: "float32", shape: [1] };
    expect(names(written().graph!.valueInfo)).toEqual(["between", "extra"]);
    graph.removeNode(extra);
    expect(names(written().graph!.valueInfo)).toEqual(["between"]);
  });

  it("a weight may be given another tensor, or none", async () => {
    const w = model.graph.find("w")!;
    w.initializer = tensor(Float32Array.of(7), [1]);
    expect(written().graph!.initializer).toMatchObject([{ name: "w", dims: [1] }]);
    w.initializer = null;
    expect(written().graph!.initializer).toBeUndefined();
  });
});

it("weights keep the file's order, which need not be that of the inputs; new ones follow", async () => {
  const model = await fixture("ir3"); // inputs x, w, b; weights b, w
  model.graph.addInitializer(tensor(Float32Array.of(1), [1]), "new");
  model.graph.rename(model.graph.find("b")!, "bias");
  const proto = modelToProto(model);
  expect(proto.graph!.initializer!.map((weight) => weight.name)).toEqual(["bias", "w", "new"]);
});

it("a value that is given out twice keeps both its declarations, and they follow when it moves", async () => {
  const x = { name: "x", docString: "first" };
  const again = { name: "x", docString: "again" };
  const y = { name: "y" };
  const model = modelFromProto({ graph: { input: [{ name: "x" }, y], output: [x, again, y] } });
  expect(modelToProto(model).graph!.output).toEqual([x, again, y]);
  model.graph.outputs.reverse();
  expect(modelToProto(model).graph!.output).toEqual([y, again, x]);
  model.graph.outputs.splice(0, 2);
  expect(modelToProto(model).graph!.output).toEqual([x]);
});

it("a sparse weight is written under its new name, or not at all once it is removed", async () => {
  const model = await fixture("sparse");
  const w = model.graph.find("w")!;
  model.graph.rename(w, "renamed");
  expect(modelToProto(model).graph!.sparseInitializer).toMatchObject([
    { values: { name: "renamed" }, indices: { name: "indices" }, dims: [4, 4] },
  ]);
  model.graph.nodes[0].setInput(1, null);
  model.graph.removeValue(w);
  expect(modelToProto(model).graph!.sparseInitializer).toBeUndefined();
});

it("a type that is not looked into goes where its value goes", async () => {
  const model = await fixture("types");
  const { graph } = model;
  const sequence = graph.find("sequence")!;
  const copy = graph.addNode("Identity", [sequence], { name: "copy" }).outputs[0]!;
  copy.type = sequence.type;
  graph.outputs.push(copy);
  const { input, output } = modelToProto(model).graph!;
  expect(output!.at(-1)!.type).toEqual(input!.find((info) => info.name === "sequence")!.type);
});

it("an attribute of a kind that is not looked into may move to another node", async () => {
  const model = await fixture("constants");
  const sparse = model.graph.nodes.at(-1)!.attributes.get("sparse_value")!;
  model.graph.addNode("Constant", [], { attributes: { sparse_value: sparse } });
  const [old, moved] = modelToProto(model).graph!.node!.slice(-2);
  expect(moved.attribute).toEqual(old.attribute);
});

it("an attribute of IR version 1 goes back without a type, as it came", async () => {
  const proto = modelToProto(await fixture("ir1"));
  expect(proto.graph!.node![0].attribute!.map((attribute) => attribute.type)).toEqual(
    Array(6).fill(undefined),
  );
});

it("nodes that stand in no topological order are put into one, in subgraphs too", () => {
  const model = parseModel(`
    g (x) => (y) {
      y = If(c) <then_branch = b () => (z) { z = Abs(i) i = Neg(late) }>
      late = Relu(x)
      c = Not(x)
    }`);
  const [first, second, third] = modelToProto(model).graph!.node!;
  expect([first.opType, second.opType, third.opType]).toEqual(["Relu", "Not", "If"]);
  expect(third.attribute![0].g!.node!.map((node) => node.opType)).toEqual(["Neg", "Abs"]);
});

describe("what a file could not say is refused", () => {
  const refusal = (model: Model) => {
    try {
      modelToProto(model);
    } catch (error) {
      expect(error).toBeInstanceOf(GraphError);
      return (error as GraphError).message;
    }
    throw new Error("nothing was refused");
  };

  it("a value that was removed and is still returned by a body", () => {
    const model = parseModel("g (x) => (y) { h = Relu(x) y = If(x) <b = body () => (h) {}> }");
    const [relu] = model.graph.nodes;
    model.graph.removeNode(relu);
    expect(refusal(model)).toBe(`the graph's output reads "h", which was removed`);
  });

  it("a value hidden from its reader by another of the same name", () => {
    const model = parseModel("g (x) => (y) { y = If(x) <b = body () => (z) { z = Relu(x) }> }");
    const [body] = model.graph.nodes[0].subgraphs;
    model.graph.rename(model.graph.find("x")!, "z");
    expect(refusal(model)).toBe('"z" reads "z", which another value of that name hides');
    expect(body.nodes[0].inputs[0]!.name).toBe("z");
  });

  it("a value that nothing produces", () => {
    const model = parseModel("g (x) => () { }");
    model.graph.addNode("Relu", [model.graph.newValue("loose")], { name: "relu" });
    expect(refusal(model)).toBe('"relu" reads "loose", which nothing produces');
  });

  it("a weight that was taken away", () => {
    const model = parseModel("g () => (y) <float[1] w = {1}> { y = Relu(w) }");
    model.graph.find("w")!.initializer = null;
    expect(refusal(model)).toBe('"y" reads "w", which nothing produces');
  });

  it("a cycle that was made", () => {
    const model = parseModel("g (x) => (b) { a = Relu(x) b = Abs(a) }");
    const [relu, abs] = model.graph.nodes;
    relu.setInput(0, abs.outputs[0]);
    expect(refusal(model)).toBe('the graph has a cycle: "a" -> "b" -> "a"');
  });

  it("strings that are in no file", () => {
    const model = parseModel("g () => () <string[1] s> {}");
    expect(() => modelToProto(model)).toThrow('"s": a tensor of strings must come from a file');
  });
});

it("numbers that lie in another file are put into the model, and fetched only when it is written", async () => {
  const model = await fixture("external");
  const read: string[] = [];
  const a = model.graph.find("a")!;
  const { proto } = a.initializer as FileTensor;
  a.initializer = new FileTensor(proto, "a", async (location) => {
    read.push(location);
    return { size: 48, read: async () => new Uint8Array(48) };
  });
  const [weight] = modelToProto(model).graph!.initializer!;
  expect([weight.dataLocation, weight.externalData, weight.rawData!.length]).toEqual([
    undefined,
    undefined,
    48,
  ]);
  expect(read).toEqual([]);
  await (weight.rawData as Payload).read();
  expect(read).toEqual(["external.bin"]);
});

it("what was not touched is the very message that was read", async () => {
  const model = await fixture("control-flow");
  const carried = (model.carry as { proto: ModelProto }).proto;
  const proto = modelToProto(model);
  expect(proto.graph!.input![0]).toBe(carried.graph!.input![0]);
  expect(proto.graph!.initializer![0]).toBe(carried.graph!.initializer![0]);
  expect(await encodeModel(model)).toEqual(await encodeModel(await fixture("control-flow")));
});
