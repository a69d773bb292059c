import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { dtypeInfo, dtypes, readFloat32, toTyped } from "../tensor/index.js";
import { FormatError, GraphError } from "../util/errors.js";
import { range } from "../util/math.js";
import { parseModel } from "./text.js";

describe("parseModel", () => {
  it("reads the example of its own description", async () => {
    const model = parseModel(`
      <ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
      name (float[N, 8, 16, ?] x) => (float[] y)
      <float[8, 2, 3, 3] w, int64[2] shape = {1, -1}> {
        [conv1] a = Conv<group = 4, pads = [1, 1, 1, 1]>(x, w)   # a comment
        b = com.microsoft.FusedMatMul<alpha = 0.5>(a, "")
        y = If(b) <then_branch = body () => (z) { z = Relu(a) }>
      }`);
    const { graph } = model;
    const [conv, matmul, branch] = graph.nodes;
    const [x, w] = [graph.find("x")!, graph.find("w")!];

    expect([...model.opsets]).toEqual([
      ["", 17],
      ["com.microsoft", 1],
    ]);
    expect(graph.name).toBe("name");
    expect(graph.inputs).toEqual([x]);
    expect(x.type).toEqual({ kind: "tensor", dtype: "float32", shape: ["N", 8, 16, null] });
    expect(graph.outputs.map((y) => [y.name, y.type])).toEqual([
      ["y", { kind: "tensor", dtype: "float32", shape: null }],
    ]);
    expect([conv.name, conv.op, conv.domain]).toEqual(["conv1", "Conv", ""]);
    expect(conv.inputs).toEqual([x, w]);
    expect([...conv.attributes]).toEqual([
      ["group", { type: "int", value: 4 }],
      ["pads", { type: "ints", value: [1, 1, 1, 1] }],
    ]);
    expect([matmul.name, matmul.op, matmul.domain]).toEqual(["", "FusedMatMul", "com.microsoft"]);
    expect(matmul.inputs).toEqual([conv.outputs[0], null]);
    expect(branch.subgraphs[0].nodes[0].inputs).toEqual(conv.outputs);
    expect(w.initializer!.shape).toEqual([8, 2, 3, 3]);
    const shape = await graph.find("shape")!.initializer!.load();
    expect(toTyped("int64", shape)).toEqual(BigInt64Array.of(1n, -1n));
  });

  it("has a header by default, and reads all of one", () => {
    const bare = parseModel("g () => () {}");
    expect([bare.irVersion, [...bare.opsets]]).toEqual([8, [["", 17]]]);
    const full = parseModel(`<
      ir_version: 10, opset_import: ["ai.onnx" : 21], producer_name: "me", producer_version: "2",
      domain: "my.domain", model_version: 9007199254740993, doc_string: "two
lines \\"quoted\\"", metadata_props: ["key" : "value", "empty" : ""]> g () => () {}`);
    expect(full).toMatchObject({
      irVersion: 10,
      opset: 21,
      producerName: "me",
      producerVersion: "2",
      domain: "my.domain",
      modelVersion: 9007199254740993n,
      docString: 'two\nlines "quoted"',
    });
    expect([...full.metadata]).toEqual([
      ["key", "value"],
      ["empty", ""],
    ]);
  });

  it.each([
    ["x", ["x"]],
    ["x,", ["x"]],
    ["", []],
    [",", [null]],
    ['""', [null]],
    [",x", [null, "x"]],
    ['x, "", x', ["x", null, "x"]],
  ])("takes the inputs (%s) as ONNX's parser does", (inputs, names) => {
    const { graph } = parseModel(`g (x) => () { y = Op(${inputs}) }`);
    expect(graph.nodes[0].inputs.map((input) => input?.name ?? null)).toEqual(names);
  });

  it.each<[string, unknown]>([
    ["1", { type: "int", value: 1 }],
    ["-9223372036854775808", { type: "int", value: -(2n ** 63n) }],
    ["1.", { type: "float", value: 1 }],
    ["1e-3", { type: "float", value: 0.001 }],
    ["-inf", { type: "float", value: Number.NEGATIVE_INFINITY }],
    ["nan", { type: "float", value: Number.NaN }],
    ['"a\\\\b\\"c"', { type: "string", value: 'a\\b"c' }],
    ["[1, -2]", { type: "ints", value: [1, -2] }],
    ["[1, 0.5]", { type: "floats", value: [1, 0.5] }],
    ["[inf, -NaN]", { type: "floats", value: [Number.POSITIVE_INFINITY, Number.NaN] }],
    ['["a", ""]', { type: "strings", value: ["a", ""] }],
    ["@outer", { type: "reference", value: "outer" }],
  ])("an attribute of %s", (text, attribute) => {
    const { graph } = parseModel(`g () => () { y = Op<a = ${text}>() }`);
    expect(graph.nodes[0].attributes.get("a")).toEqual(attribute);
  });

  it.each<[string, unknown]>([
    ["float = 1", { type: "float", value: 1 }],
    ["floats = [1, 2]", { type: "floats", value: [1, 2] }],
    ["ints = []", { type: "ints", value: [] }],
    ["strings = []", { type: "strings", value: [] }],
    ["int = @outer", { type: "reference", value: "outer" }],
  ])("an attribute said to be %s", (text, attribute) => {
    const { graph } = parseModel(`g () => () { y = Op<a: ${text}>() }`);
    expect(graph.nodes[0].attributes.get("a")).toEqual(attribute);
  });

  it("tells an initializer from the type of a value between nodes by whether a node writes it", () => {
    const { graph } = parseModel(`
      g (float[2] x) => (y) <float[2] a, float[2] w, int8[2] x> { a = Relu(x) y = Add(a, w) }`);
    expect(graph.initializers.map((value) => value.name)).toEqual(["w"]);
    expect(graph.find("a")!.type).toEqual({ kind: "tensor", dtype: "float32", shape: [2] });
    expect(graph.find("x")!.type).toMatchObject({ dtype: "float32" }); // said first
  });

  it("gives an input a default, in either place", () => {
    const { graph } = parseModel("g (float[1] a = {1}, float[1] b) => () <float[1] b = {2}> {}");
    expect(graph.inputs.map((input) => input.name)).toEqual(["a", "b"]);
    expect(graph.freeInputs).toEqual([]);
  });

  it("lets nodes stand in any order, also what a subgraph captures", () => {
    const { graph } = parseModel(`
      g (x) => (y) {
        y = If(x) <then_branch = t () => (late) { }, else_branch = e () => (z) { z = Relu(late) }>
        late = Relu(x)
      }`);
    const [branch, late] = graph.nodes;
    expect(branch.subgraphs.map((body) => body.parent)).toEqual([graph, graph]);
    expect(branch.subgraphs[0].outputs).toEqual(late.outputs);
    expect(late.outputs[0]!.consumers).toEqual(branch.subgraphs[1].nodes);
  });
});

describe("elements that are not given", () => {
  const load = async (declaration: string) => {
    const { graph } = parseModel(`g () => () <${declaration}> {}`);
    return graph.initializers[0].initializer!;
  };

  it("follow from the name, and differ between names", async () => {
    const [w, again, other] = await Promise.all(
      ["float[4, 8] w", "float[4, 8] w = {}", "float[4, 8] v"].map(async (declaration) =>
        readFloat32(await load(declaration)),
      ),
    );
    expect(again).toEqual(w);
    expect(other).not.toEqual(w);
    expect(new Set(w).size).toBeGreaterThan(30);
    for (const element of w) expect(Math.abs(element)).toBeLessThanOrEqual(0.1);
  });

  it.each(dtypes.filter((dtype) => dtype !== "string"))(
    "fill %s with as many bytes as it says",
    async (dtype) => {
      const word = { float32: "float", float64: "double" }[dtype as string] ?? dtype;
      const filled = await load(`${word}[3, 5] w`);
      const bytes = await filled.load();
      expect(bytes).toHaveLength(Math.ceil((15 * dtypeInfo(dtype).bits) / 8));
      expect(filled.byteLength).toBe(bytes.length);
      if (/^u?int(8|16|32|64)$|^bool$/.test(dtype)) {
        const elements = [...toTyped(dtype as "int64", bytes)].map(Number);
        const end = dtype === "bool" ? 2 : 4;
        expect(elements.every((element) => 0 <= element && element < end)).toBe(true);
        expect(new Set(elements).size).toBeGreaterThan(1);
      }
    },
  );

  it("are not made before they are asked for", () => {
    const { graph } = parseModel("g () => () <float[1000000, 1000000] w> {}");
    expect(graph.find("w")!.initializer!.byteLength).toBe(4e12);
  });
});

describe("mistakes are told with their place", () => {
  const wrong = (text: string) => {
    try {
      parseModel(text);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return (error as FormatError).message;
    }
    throw new Error("the text was accepted");
  };

  it.each([
    ["", "line 1, column 1: expected the name of a graph, found the end of the text"],
    ["g", 'line 1, column 2: expected "(", found the end of the text'],
    ["g (x) -> () {}", 'line 1, column 7: "-" means nothing here'],
    ["g () => () {\n  y = Relu(x)\n}", 'line 2, column 12: nothing produces "x"'],
    ["g () => (y) {}", 'line 1, column 10: nothing produces "y"'],
    ["g (x) => () {\n  y = Relu x\n}", 'line 2, column 12: expected "(", found "x"'],
    ["g (x) => () { x = Relu(x) }", 'line 1, column 15: "x" has a source already'],
    ["g (x) => () { a, a = Op(x) }", 'line 1, column 18: "a" has a source already'],
    ["g (x, x) => () {}", 'line 1, column 7: "x" has a source already'],
    ['g ("") => () {}', "line 1, column 4: a name is missing"],
    ["g () => () <float[1] w = {1}, float[1] w = {2}> {}", '"w" has a source already'],
    ["g () => () <float[N] w> {}", '"w" is written by no node, so it is an initializer'],
    ["g () => () <w> {}", '"w" is written by no node, so it is an initializer'],
    ["g () => () <float[N] w = {1}> {}", "needs a type with a shape of numbers"],
    ["g () => () <float[2] w = {1}> {}", "data of 4 bytes must be 8 bytes"],
    ["g () => () <int8[1] w = {128}> {}", "element 0 is 128, but int8 holds"],
    ["g () => () <int8[1] w = {0.5}> {}", "0.5 is no whole number"],
    ["g () => () <float16[1] w = {65536}> {}", "element 0 is 65536, but uint16 holds"],
    ["g () => () <int4[2] w = {1, 2}> {}", "int4 tensor cannot be written out"],
    ["g () => () <float[-1] w> {}", "line 1, column 19: size=-1 must be from 0 to 2^53"],
    ["g () => () <float[99999999999999999] w> {}", "size=99999999999999999 must be from 0 to 2^53"],
    ["g () => () <float[9007199254740991, 9007199254740991] w> {}", "its shape must be numbers"],
    ["g (seq(float) x) => () {}", "other types are not part of this form"],
    ["g () => () { y = Op<a = []>() }", "an empty list must say its type"],
    ['g () => () { y = Op<a = [1, "b"]>() }', 'expected a number, found "b"'],
    ["g () => () { y = Op<a = 1, a = 2>() }", 'line 1, column 28: "a" is given twice'],
    ["g () => () { y = Op<a: int = 0.5>() }", '"a" is of type float, not int'],
    ["g () => () { y = Op<a: ints = 1>() }", '"a" is of type int, not ints'],
    ["g () => () { y = Op<a = float[2] {1}>() }", "data of 4 bytes must be 8 bytes"],
    ['g () => () { y = Op<a = "no end>() }', "line 1, column 25: this string has no end"],
    ["<ir: 8> g () => () {}", 'line 1, column 2: "ir" is no key of a model\'s header'],
    ["<ir_version: 0.5> g () => () {}", 'expected a whole number, found "0.5"'],
    ["g () => () {} f () => () {}", "expected the end of the text (functions are not part of"],
    ["g () => () { \u001b[2J }", 'line 1, column 14: "\\u{1b}" means nothing here'],
  ])("%j", (text, message) => {
    expect(wrong(text)).toContain(message);
  });

  it("a cycle is named", () => {
    expect(() => parseModel("g () => () { a = Relu(b) b = Abs(a) }")).toThrow(
      new GraphError('the graph has a cycle: "a" -> "b" -> "a"'),
    );
  });

  it("graphs in one another, ten thousand deep, are refused", () => {
    const depth = 10_000;
    const text = `${"g () => () { y = If() <b = ".repeat(depth)}g () => () {}${"> }".repeat(depth)}`;
    expect(wrong(text)).toContain("expected no more than 50 graphs in one another");
  });

  it("any text is either read or refused with a place, never with another error", () => {
    const word = fc.constantFrom(
      ...'g x y w float int64[2] float[N] ( ) { } < > [ ] , : = => . @ ? Conv " 1 -1 0.5 1e3 inf # \\ \n é'.split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), fc.boolean(), (words, started) => {
        const text = (started ? "g (x) => (y) { y = Op" : "") + words.join(" ");
        try {
          parseModel(text);
        } catch (error) {
          if (error instanceof GraphError) return;
          expect(error).toBeInstanceOf(FormatError);
          expect((error as Error).message).toMatch(/^line \d+, column \d+: /);
        }
      }),
    );
  });

  it("a long text takes time in proportion, and so does a mistake at its end", async () => {
    const ratio = await growth(500, (size) => {
      const text = `g (x) => () {${range(size)
        .map((i) => `\n a${i} = Relu(x)`)
        .join("")} ! }`;
      return () => expect(() => parseModel(text)).toThrow(`line ${size + 1}`);
    });
    expect(ratio).toBeLessThan(LINEAR);
  });

  it("a string of ten million letters and escapes is read", () => {
    const text = `g () => () { y = Op<a = "${'\\"x'.repeat(5e6)}">() }`;
    expect(parseModel(text).graph.nodes[0].attributes.get("a")).toMatchObject({
      value: '"x'.repeat(5e6),
    });
  });
});
