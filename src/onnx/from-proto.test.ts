import { describe, expect, it } from "vitest";
import { FormatError, GraphError } from "../util/errors.js";
import { modelFromProto, typeFromProto } from "./from-proto.js";
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from "./schema.js";

const text = (value: string) => new TextEncoder().encode(value);
const graphOf = (graph: GraphProto) => modelFromProto({ irVersion: 8, graph }).graph;
const node = (
  opType: string,
  input: string[],
  output: string[],
  more: NodeProto = {},
): NodeProto => ({
  opType,
  input,
  output,
  ...more,
});
const attributeOf = (attribute: AttributeProto) =>
  graphOf({
    node: [node("Op", [], [], { attribute: [{ name: "a", ...attribute }] })],
  }).nodes[0].attributes.get("a");
const floats = (name: string, count: number): TensorProto => ({
  name,
  dims: [count],
  dataType: 1,
  rawData: { length: 4 * count, read: async () => new Uint8Array(4 * count) },
});

describe("attributes", () => {
  it.each<[AttributeProto, unknown]>([
    [
      { type: 1, f: 0.5 },
      { type: "float", value: 0.5 },
    ],
    [
      { type: 2, i: 3 },
      { type: "int", value: 3 },
    ],
    [
      { type: 3, s: text("é") },
      { type: "string", value: "é" },
    ],
    [
      { type: 3, s: Uint8Array.of(0xff) },
      { type: "string", value: Uint8Array.of(0xff) },
    ],
    [
      { type: 6, floats: [0.5] },
      { type: "floats", value: [0.5] },
    ],
    [
      { type: 7, ints: [1, 2n ** 62n] },
      { type: "ints", value: [1, 2n ** 62n] },
    ],
    [
      { type: 8, strings: [text("a"), Uint8Array.of(0xff)] },
      { type: "strings", value: ["a", Uint8Array.of(0xff)] },
    ],
    [{ type: 1 }, { type: "float", value: 0 }], // proto2 defaults
    [{ type: 2 }, { type: "int", value: 0 }],
    [{ type: 3 }, { type: "string", value: "" }],
    [{ type: 7 }, { type: "ints", value: [] }],
    [
      { type: 1, refAttrName: "alpha" },
      { type: "reference", value: "alpha" },
    ],
    [{ f: 0.5 }, { type: "float", value: 0.5 }], // IR version 1 does not say the type
    [{ ints: [1] }, { type: "ints", value: [1] }],
    [{ strings: [text("a")] }, { type: "strings", value: ["a"] }],
  ])("%o", (proto, attribute) => {
    expect(attributeOf(proto)).toEqual(attribute);
  });

  it.each<[AttributeProto, string]>([
    [{ type: 4 }, "a tensor attribute without its tensor"],
    [{ type: 5 }, "a graph attribute without its graph"],
    [{ type: 15 }, "attribute type=15 is no ONNX attribute type"],
    [{}, "attribute type=0 is no ONNX attribute type"],
    [{ type: 4, t: { dims: [1], dataType: 1 } }, "needs 4 bytes, the file holds 0"],
    [{ type: 10, graphs: [{ output: [{ name: "y" }] }] }, 'reads "y", which nothing produces'],
  ])("%o is refused", (proto, message) => {
    expect(() => attributeOf(proto)).toThrow(message);
    expect(() => attributeOf(proto)).toThrow('graph.node[0] "Op".a');
  });

  it("without a name, or twice of one name, are refused", () => {
    const twice = [
      { name: "a", i: 1 },
      { name: "a", i: 2 },
    ];
    const withAttributes = (attribute: AttributeProto[]) => () =>
      graphOf({ node: [node("Op", [], [], { name: "n", attribute })] });
    expect(withAttributes([{ i: 1 }])).toThrow(
      new FormatError('graph.node[0] "n".attribute: a name is missing'),
    );
    expect(withAttributes(twice)).toThrow(
      new GraphError('graph.node[0] "n" has two attributes named "a"'),
    );
  });
});

describe("types", () => {
  const shaped = (dim: object[], elemType = 1) =>
    typeFromProto({ tensorType: { elemType, shape: { dim } } });

  it.each([
    [undefined, null],
    [{ tensorType: { elemType: 1 } }, { kind: "tensor", dtype: "float32", shape: null }],
    [{ tensorType: { elemType: 10, shape: {} } }, { kind: "tensor", dtype: "float16", shape: [] }],
    [{ tensorType: { shape: {} } }, null], // no element type
    [{ tensorType: { elemType: 99, shape: {} } }, null],
  ])("%o", (proto, type) => {
    expect(typeFromProto(proto)).toEqual(type);
  });

  it("sizes are numbers, names, or unknown", () => {
    const dims = [
      { dimValue: 3 },
      { dimParam: "batch" },
      {},
      { dimValue: -1 },
      { dimParam: "" },
      { dimValue: 0 },
    ];
    expect(shaped(dims)).toEqual({
      kind: "tensor",
      dtype: "float32",
      shape: [3, "batch", null, null, null, 0],
    });
    expect(shaped([{ dimValue: 2n ** 63n - 1n }])).toMatchObject({ shape: [2 ** 53 - 1] });
  });

  it("others are kept unseen", () => {
    const sequenceType = { length: 0, read: async () => new Uint8Array() };
    expect(typeFromProto({ sequenceType })).toEqual({ kind: "opaque", carry: { sequenceType } });
  });
});

describe("linking", () => {
  it("follows names whatever the order, and remembers who reads what", () => {
    const graph = graphOf({
      input: [{ name: "x" }],
      output: [{ name: "y" }],
      node: [node("Add", ["h", "w"], ["y"]), node("Relu", ["x"], ["h"])],
      initializer: [floats("w", 1)],
    });
    const [add, relu] = graph.nodes;
    expect(add.inputs).toEqual([relu.outputs[0], graph.find("w")]);
    expect(graph.find("h")!.consumers).toEqual([add]);
    expect(graph.find("w")!.initializer!.shape).toEqual([1]);
    expect(graph.outputs).toEqual(add.outputs);
  });

  it("an empty name is an input or output left out", () => {
    const graph = graphOf({ input: [{ name: "x" }], node: [node("Op", ["", "x", ""], ["", "y"])] });
    expect(graph.nodes[0].inputs).toEqual([null, graph.find("x"), null]);
    expect(graph.nodes[0].outputs).toEqual([null, graph.find("y")]);
  });

  it("an initializer may be the default of an input, as in IR version 3", () => {
    const graph = graphOf({ input: [{ name: "w" }, { name: "x" }], initializer: [floats("w", 2)] });
    expect(graph.find("w")!.initializer!.shape).toEqual([2]);
    expect(graph.freeInputs.map((input) => input.name)).toEqual(["x"]);
  });

  it("subgraphs see what is around them, and their own names first", () => {
    const body = (output: string, nodes: NodeProto[]): AttributeProto => ({
      name: output,
      type: 5,
      g: { node: nodes, output: [{ name: output }] },
    });
    const graph = graphOf({
      input: [{ name: "x" }],
      node: [
        node("If", [], ["y"], {
          attribute: [
            body("a", [node("Relu", ["later"], ["a"])]),
            body("x", [node("Neg", [], ["x"])]),
          ],
        }),
        node("Abs", ["x"], ["later"]),
      ],
    });
    const [reads, hides] = graph.nodes[0].subgraphs;
    expect(reads.nodes[0].inputs).toEqual(graph.nodes[1].outputs);
    expect(hides.outputs).toEqual(hides.nodes[0].outputs);
  });

  it("a sparse initializer has a type and a place, but no elements to load", () => {
    const indices: TensorProto = { ...floats("", 4), dataType: 7, dims: [2] };
    const sparse = {
      values: floats("w", 2),
      indices: { ...indices, rawData: floats("", 4).rawData },
      dims: [5, 5],
    };
    const graph = graphOf({ sparseInitializer: [sparse], node: [node("Relu", ["w"], ["y"])] });
    expect(graph.find("w")!.type).toEqual({ kind: "tensor", dtype: "float32", shape: [5, 5] });
    expect(graph.find("w")!.initializer).toBeNull();
  });

  it("types are taken from inputs, outputs and value_info, the first that says one", () => {
    const type = (elemType: number) => ({ tensorType: { elemType, shape: { dim: [] } } });
    const graph = graphOf({
      input: [{ name: "x", type: type(1) }],
      output: [
        { name: "y", type: type(10) },
        { name: "x", type: type(7) },
      ],
      valueInfo: [{ name: "h", type: type(11) }, { name: "y", type: type(6) }, { name: "nobody" }],
      node: [node("Relu", ["x"], ["h"]), node("Relu", ["h"], ["y"])],
    });
    const dtypes = [...graph.values].map((value) => [
      value.name,
      (value.type as { dtype: string }).dtype,
    ]);
    expect(Object.fromEntries(dtypes)).toEqual({ x: "float32", h: "float64", y: "float16" });
  });

  it("one value may be given out twice", () => {
    const graph = graphOf({ input: [{ name: "x" }], output: [{ name: "x" }, { name: "x" }] });
    expect(graph.outputs).toEqual([graph.find("x"), graph.find("x")]);
  });

  it("what a body declares of a value around it does not change that value", () => {
    const type = { tensorType: { elemType: 1, shape: { dim: [] } } };
    const body: GraphProto = { valueInfo: [{ name: "h", type }], output: [{ name: "h", type }] };
    const graph = graphOf({
      node: [
        node("Relu", [], ["h"]),
        node("If", [], [], { attribute: [{ name: "b", type: 5, g: body }] }),
      ],
    });
    expect(graph.find("h")!.type).toBeNull();
  });
});

describe("graphs that break a rule are refused, with the place", () => {
  it.each<[string, GraphProto, string]>([
    [
      "a name nobody produces",
      { node: [node("Relu", ["x"], ["y"], { name: "relu" })] },
      'graph.node[0] "relu" reads "x", which nothing produces',
    ],
    [
      "an output nobody produces",
      { output: [{ name: "y" }] },
      'graph.output reads "y", which nothing produces',
    ],
    [
      "two nodes that write one name",
      { node: [node("A", [], ["y"]), node("B", [], ["y"])] },
      'graph.node[1] "y" writes "y", which has a producer already',
    ],
    [
      "a node that writes an input",
      { input: [{ name: "x" }], node: [node("A", [], ["x"])] },
      'graph.node[0] "x" writes "x"',
    ],
    [
      "a node that writes a weight",
      { initializer: [floats("w", 1)], node: [node("A", [], ["w"])] },
      'writes "w"',
    ],
    [
      "two inputs of a name",
      { input: [{ name: "x" }, { name: "x" }] },
      'graph.input: two inputs are named "x"',
    ],
    [
      "two weights of a name",
      { initializer: [floats("w", 1), floats("w", 1)] },
      'graph.initializer[1]: two initializers are named "w"',
    ],
    [
      "a default twice",
      { input: [{ name: "w" }], initializer: [floats("w", 1), floats("w", 1)] },
      'two initializers are named "w"',
    ],
    [
      "a cycle",
      { node: [node("A", ["b"], ["a"]), node("B", ["a"], ["b"])] },
      'the graph has a cycle: "a" -> "b" -> "a"',
    ],
    ["an input without a name", { input: [{}] }, "graph.input: a name is missing"],
    [
      "a weight without a name",
      { initializer: [{ ...floats("", 1), name: undefined }] },
      "graph.initializer[0]: a name is missing",
    ],
    ["an output without a name", { output: [{}] }, "graph.output: a name is missing"],
    [
      "a node without an operator",
      { node: [{ output: ["y"] }] },
      'graph.node[0] "y": a node without op_type',
    ],
    [
      "a sparse weight without a name",
      { sparseInitializer: [{ values: { ...floats("w", 1), name: "" } }] },
      "graph.sparse_initializer[0]: a name is missing",
    ],
    [
      "a sparse weight of no shape",
      { sparseInitializer: [{ values: floats("w", 1), indices: floats("i", 1), dims: [-1] }] },
      "its dims are no shape",
    ],
    [
      "a sparse weight without its places",
      { sparseInitializer: [{ values: floats("w", 1), dims: [1] }] },
      '"w" indices: data_type=0 is no ONNX element type',
    ],
  ])("%s", (_, graph, message) => {
    const error = (() => {
      try {
        return graphOf(graph);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect([FormatError, GraphError]).toContain((error as Error).constructor);
    expect((error as Error).message).toContain(message);
  });

  it("a body is named by its way there", () => {
    const g: GraphProto = { node: [node("Relu", ["nowhere"], ["y"], { name: "inner" })] };
    const outer = node("If", [], [], {
      name: "outer",
      attribute: [{ name: "then_branch", type: 5, g }],
    });
    expect(() => graphOf({ node: [outer] })).toThrow(
      'graph.node[0] "outer".then_branch.node[0] "inner" reads "nowhere", which nothing produces',
    );
  });

  it("names are shown harmless, and cut", () => {
    const name = `\u001b[2J${"x".repeat(1e6)}`;
    const read = () => graphOf({ node: [node("Relu", [name], ["y"], { name })] });
    expect(read).toThrow(
      /^graph\.node\[0\] "\\u\{1b\}\[2Jx+…x+" reads "\\u\{1b\}\[2Jx+…x+", which/,
    );
  });

  it("a file without a graph is no model", () => {
    expect(() => modelFromProto({ irVersion: 8 })).toThrow(
      new FormatError("the file holds no graph", {
        help: "It is not an ONNX model, or only part of one.",
      }),
    );
  });
});

describe("functions", () => {
  it("are graphs of their own, with attributes of the caller", () => {
    const model = modelFromProto({
      graph: {},
      functions: [
        {
          name: "Leaky",
          domain: "my.domain",
          overload: "v1",
          input: ["a"],
          output: ["b"],
          attribute: ["slope"],
          attributeProto: [{ name: "bias", type: 1, f: 0.5 }],
          opsetImport: [{ domain: "", version: 17 }],
          node: [
            node("LeakyRelu", ["a"], ["b"], {
              attribute: [{ name: "alpha", type: 1, refAttrName: "slope" }],
            }),
          ],
        },
      ],
    });
    const [leaky] = model.functions;
    expect([leaky.name, leaky.domain, leaky.overload]).toEqual(["Leaky", "my.domain", "v1"]);
    expect(leaky.body.nodes[0].inputs).toEqual(leaky.body.inputs);
    expect(leaky.body.outputs).toEqual(leaky.body.nodes[0].outputs);
    expect(leaky.attributeNames).toEqual(["slope"]);
    expect([...leaky.attributeDefaults]).toEqual([["bias", { type: "float", value: 0.5 }]]);
    expect([...leaky.opsets]).toEqual([["", 17]]);
    expect(leaky.body.nodes[0].attributes.get("alpha")).toEqual({
      type: "reference",
      value: "slope",
    });
  });

  it.each([
    [{ input: ["a", "a"] }, 'function "F".input: two inputs are named "a"'],
    [{ output: ["b"] }, 'function "F".output reads "b", which nothing produces'],
    [{ node: [node("Relu", ["x"], ["y"])] }, 'function "F".node[0] "y" reads "x"'],
    [{ node: [node("Relu", ["y"], ["y"])] }, "the graph has a cycle"],
    [
      {
        attributeProto: [
          { name: "a", i: 1 },
          { name: "a", i: 2 },
        ],
      },
      'function "F" has two attributes named "a"',
    ],
  ])("%o is refused", (definition, message) => {
    expect(() => modelFromProto({ graph: {}, functions: [{ name: "F", ...definition }] })).toThrow(
      message,
    );
  });
});
