import { describe, expect, it } from "vitest";
import { runModel } from "../../tests/support/run-model.js";
import { type Attribute, type Model, parseModel, printGraph } from "../graph/index.js";
import { Rng } from "../tensor/index.js";
import { inlineFunctions } from "./index.js";

interface FunctionText {
  readonly name: string;
  /** One graph in text form; its `reference` attributes are set by `edit`. */
  readonly body: string;
  readonly attributeNames?: readonly string[];
  readonly attributeDefaults?: ReadonlyMap<string, Attribute>;
  readonly overload?: string;
}

/** A model in text form with functions of the domain `mine`. */
function withFunctions(text: string, ...functions: readonly FunctionText[]): Model {
  const model = parseModel(text);
  model.opsets.set("mine", 1);
  for (const { name, body, ...rest } of functions)
    model.functions.push({
      name,
      domain: "mine",
      overload: "",
      attributeNames: [],
      attributeDefaults: new Map(),
      opsets: new Map([
        ["", 17],
        ["mine", 1],
      ]),
      ...rest,
      body: parseModel(body).graph,
    });
  return model;
}

/** Sets attributes of a function's first node of an operator to those of its caller. */
function refer(model: Model, name: string, op: string, attribute: string, to: string): void {
  const definition = model.functions.find((candidate) => candidate.name === name)!;
  const node = definition.body.nodes.find((candidate) => candidate.op === op)!;
  node.attributes.set(attribute, { type: "reference", value: to });
}

/** Runs both by ONNX Runtime, which writes functions out itself. */
async function expectSame(model: Model): Promise<Model> {
  const inlined = inlineFunctions(model);
  expect(inlined.functions).toEqual([]);
  const x = new Rng(1).uniform([1, 4, 5, 5], -1, 1);
  const [before, after] = [await runModel(model, x), await runModel(inlined, x)];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const name of Object.keys(before))
    expect([...after[name].data]).toEqual([...before[name].data]);
  return inlined;
}

const labels = (model: Model) => model.graph.nodes.map((node) => `${node.label}: ${node.op}`);

describe("inlineFunctions", () => {
  it("gives back a model without functions as it is", () => {
    const model = parseModel("g (float[1, 4, 5, 5] x) => (y) { y = Relu(x) }");
    expect(inlineFunctions(model)).toBe(model);
  });

  it("writes each call out under its name, within each other and in any number", async () => {
    const model = withFunctions(
      `g (float[1, 4, 5, 5] x) => (float[] y) <float[4, 1, 3, 3] w1, float[4, 1, 3, 3] w2> {
        [first] a = mine.Block(x, w1)
        [second] y = mine.Block(a, w2)
      }`,
      {
        name: "Block",
        body: "f (v, w) => (u) { [conv] t = Conv<group = 4, pads = [1, 1, 1, 1]>(v, w)   [act] u = mine.Act(t) }",
      },
      { name: "Act", body: "f (v) => (u) { [relu] u = Relu(v) }" },
    );
    const before = printGraph(model.graph);
    const inlined = await expectSame(model);
    expect(labels(inlined)).toEqual([
      "first/conv: Conv",
      "first/act/relu: Relu",
      "second/conv: Conv",
      "second/act/relu: Relu",
    ]);
    expect(printGraph(model.graph)).toBe(before);
  });

  it("puts in the caller's attributes, else the function's defaults, else none", async () => {
    const call = (attributes: string) =>
      withFunctions(
        `g (float[1, 4, 5, 5] x) => (float[] y) { [call] y = mine.F${attributes}(x) }`,
        {
          name: "F",
          body: "f (v) => (u) { t = LeakyRelu(v)  s = Elu(t)  u = Softmax(s) }",
          attributeNames: ["axis"],
          attributeDefaults: new Map([
            ["slope", { type: "float", value: 0.5 }],
            ["depth", { type: "float", value: 2 }],
          ]),
        },
      );
    for (const attributes of ["", "<slope = 0.25>", "<axis = 1, depth: float = 3>"]) {
      const model = call(attributes);
      refer(model, "F", "LeakyRelu", "alpha", "slope");
      refer(model, "F", "Elu", "alpha", "depth");
      refer(model, "F", "Softmax", "axis", "axis");
      await expectSame(model);
    }
  });

  it("passes attributes on to calls within, and leaves out inputs the caller left out", async () => {
    const model = withFunctions(
      `g (float[1, 4, 5, 5] x) => (float[] y) <float[4, 2, 1, 1] w> { [c] y = mine.Outer<parts = 2>(x, w) }`,
      {
        name: "Outer",
        body: "f (v, w) => (u) { u = mine.Inner(v, w) }",
        attributeNames: ["parts"],
      },
      {
        name: "Inner",
        body: "f (v, w, bias) => (u) { u = Conv(v, w, bias) }",
        attributeNames: ["g"],
      },
    );
    refer(model, "Outer", "Inner", "g", "parts");
    refer(model, "Inner", "Conv", "group", "g");
    const inlined = await expectSame(model);
    const [conv] = inlined.graph.nodes;
    expect(conv.attributes.get("group")).toEqual({ type: "int", value: 2 });
    expect(conv.inputs[2] ?? null).toBeNull();
  });

  it("joins outputs that are inputs, or given twice, and drops those nobody takes", () => {
    // ONNX Runtime 1.30 refuses such functions, so what must come out is written down.
    const model = withFunctions(
      `g (float[1, 4, 5, 5] x) => (float[] y) {
        same, a, b = mine.F(x)
        s = Add(a, b)
        y = Add(s, same)
      }`,
      { name: "F", body: "f (v) => (v, u, u, t) { t = Neg(v)  u = Abs(t) }" },
    );
    const lines = inlineFunctions(model).graph.nodes.map(
      ({ op, inputs, outputs }) => `${outputs[0]!.name} = ${op}(${inputs.map((v) => v!.name)})`,
    );
    expect(lines).toEqual([
      "same/t = Neg(x)",
      "a = Abs(same/t)",
      "same = Identity(x)",
      "b = Identity(a)",
      "s = Add(a,b)",
      "y = Add(s,same)",
    ]);
  });

  it("goes into bodies of control flow, in functions and out of them", async () => {
    const model = withFunctions(
      `g (float[1, 4, 5, 5] x) => (float[] y) <bool c = {1}> {
        a = mine.F(x)
        y = If(c) <then_branch = t () => (float[] p) { [inThen] p = mine.F(a) },
                   else_branch = e () => (float[] q) { q = Neg(a) }>
      }`,
      {
        name: "F",
        body: `f (v) => (u) {
          c = Constant<value = bool {0}>()
          n = Neg(v)
          u = If(c) <then_branch = t () => (p) { p = Abs(v) }, else_branch = e () => (q) { q = Exp(n) }>
        }`,
      },
    );
    await expectSame(model);
  });

  it("tells functions of one name apart by their overload, as read from a file", () => {
    const model = withFunctions(
      "g (float[1, 4, 5, 5] x) => (y) { [call] y = mine.F(x) }",
      { name: "F", body: "f (v) => (u) { u = Neg(v) }", overload: "a" },
      { name: "F", body: "f (v) => (u) { u = Abs(v) }", overload: "b" },
    );
    model.graph.nodes[0].carry = { proto: { overload: "b" }, attributes: [] };
    expect(inlineFunctions(model).graph.nodes.map(({ op }) => op)).toEqual(["Abs"]);
  });

  it("makes names of their own where the file has one already, and cuts those too deep", () => {
    const model = withFunctions(
      `g (float[1, 4, 5, 5] x) => (y) { [f] a = mine.F(x)  "f/t" = Neg(a)  y = Abs("f/t") }`,
      { name: "F", body: "f (v) => (u) { t = Neg(v)  u = Abs(t) }" },
    );
    const names = inlineFunctions(model).graph.nodes.map(({ outputs }) => outputs[0]!.name);
    expect(names).toEqual(["f/t_1", "a", "f/t", "y"]);

    const deep = withFunctions(
      `g (float[1, 4, 5, 5] x) => (y) { ["${"long".repeat(100)}"] y = mine.F(x) }`,
      { name: "F", body: "f (v) => (u) { t = Neg(v)  u = Abs(t) }" },
    );
    const [neg] = inlineFunctions(deep).graph.nodes;
    expect(neg.label).toMatch(/^….*long\/t$/);
    expect(neg.label.length).toBe(160);
  });
});
