import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { tensor } from "../tensor/index.js";
import { GraphError } from "../util/errors.js";
import { Graph } from "./graph.js";
import type { Value } from "./value.js";

const float = { kind: "tensor", dtype: "float32", shape: [1, 4] } as const;

/** x -> Relu -> a -> Abs -> b, b returned. */
function chain() {
  const graph = new Graph();
  const x = graph.addInput("x", float);
  const relu = graph.addNode("Relu", [x], { name: "relu", outputs: [graph.newValue("a")] });
  const abs = graph.addNode("Abs", relu.outputs, { name: "abs", outputs: [graph.newValue("b")] });
  graph.outputs.push(abs.outputs[0]!);
  return { graph, x, relu, abs, a: relu.outputs[0]!, b: abs.outputs[0]! };
}

/** Both ways of every link agree, and every name leads to its value. */
function expectSound(graph: Graph): void {
  for (const value of graph.values) {
    expect(graph.find(value.name)).toBe(value);
    for (const { node, index } of value.uses) expect(node.inputs[index]).toBe(value);
    if (value.producer) expect(graph.nodes).toContain(value.producer);
  }
  for (const node of graph.nodes) {
    node.inputs.forEach((input, index) => {
      if (input)
        expect(input.uses.filter((u) => u.node === node && u.index === index)).toHaveLength(1);
    });
    for (const output of node.outputs) if (output) expect(output.producer).toBe(node);
  }
}

describe("adding", () => {
  it("links both ways", () => {
    const { graph, x, relu, abs, a, b } = chain();
    expect(graph.nodes).toEqual([relu, abs]);
    expect([x.producer, a.producer, b.producer]).toEqual([null, relu, abs]);
    expect(a.uses).toEqual([{ node: abs, index: 0 }]);
    expect(b.uses).toEqual([]); // a graph's outputs are not uses
    expect([...graph.values].map((value) => value.name)).toEqual(["x", "a", "b"]);
    expectSound(graph);
  });

  it("names new outputs after the node, else the operator, numbering what is taken", () => {
    const graph = new Graph();
    const names = ["conv", "conv", "", ""].map(
      (name) => graph.addNode("Relu", [], { name }).outputs[0]!.name,
    );
    expect(names).toEqual(["conv", "conv_1", "Relu", "Relu_2"]);
  });

  it("puts a node where it is told to", () => {
    const { graph, relu, abs, x } = chain();
    const first = graph.addNode("Neg", [x], { at: 0 });
    const middle = graph.addNode("Neg", [x], { at: 2 });
    expect(graph.nodes).toEqual([first, relu, middle, abs]);
  });

  it("tags attributes and leaves out undefined ones", () => {
    const node = new Graph().addNode("Conv", [], {
      attributes: { group: 2, pads: undefined, auto_pad: "VALID" },
    });
    expect([...node.attributes]).toEqual([
      ["group", { type: "int", value: 2 }],
      ["auto_pad", { type: "string", value: "VALID" }],
    ]);
  });

  it("takes optional inputs and outputs that are left out", () => {
    const graph = new Graph();
    const x = graph.addInput("x", null);
    const mask = graph.newValue("mask");
    const node = graph.addNode("Dropout", [x, null, x], { outputs: [null, mask] });
    expect(node.inputs).toEqual([x, null, x]);
    expect(x.uses.map((use) => use.index)).toEqual([0, 2]);
    expect(x.consumers).toEqual([node]);
    expect(node.label).toBe("mask");
  });

  it("labels a node by its name, its output, its operator", () => {
    const graph = new Graph();
    expect(graph.addNode("Relu", [], { name: "relu1" }).label).toBe("relu1");
    expect(graph.addNode("Relu", [], { outputs: [null, graph.newValue("y")] }).label).toBe("y");
    expect(graph.addNode("Relu", [], { outputs: [] }).label).toBe("Relu");
  });

  it("an initializer brings its type and may be a default for an input", () => {
    const graph = new Graph();
    const w = tensor(Float32Array.of(1, 2), [2]);
    const constant = graph.addInitializer(w, "w");
    const input = graph.addInput("given", float);
    input.initializer = w;
    const free = graph.addInput("free", float);
    expect(constant.type).toEqual({ kind: "tensor", dtype: "float32", shape: [2] });
    expect(graph.initializers).toEqual([constant, input]);
    expect(graph.freeInputs).toEqual([free]);
  });
});

describe("adding what breaks a rule", () => {
  it("two values of one name", () => {
    const { graph, a } = chain();
    const message = 'two values of the graph are named "a"; names must be unique';
    expect(() => graph.newValue("a")).toThrow(new GraphError(message));
    expect(() => graph.addInput("a", null)).toThrow(message);
    expect(() => graph.rename(a, "b")).toThrow('are named "b"');
    expectSound(graph);
  });

  it("a value without a name", () => {
    const { graph, a } = chain();
    expect(() => graph.newValue("")).toThrow("a value must have a name");
    expect(() => graph.rename(a, "")).toThrow("a value must have a name");
  });

  it("two producers", () => {
    const { graph, x, a } = chain();
    const w = graph.addInitializer(tensor(Float32Array.of(1), [1]), "w");
    expect(() => graph.addNode("Neg", [x], { outputs: [a] })).toThrow('"a" has two producers');
    expect(() => graph.addNode("Neg", [x], { outputs: [w] })).toThrow('"w" has two producers');
    expect(x.uses).toHaveLength(1);
    expectSound(graph);
  });

  it("a value of another graph", () => {
    const { graph, x, relu } = chain();
    const other = new Graph().addInput("foreign", null);
    const message = 'cannot read "foreign", a value of another graph';
    expect(() => graph.addNode("Neg", [x, other], { name: "neg" })).toThrow(`"neg" ${message}`);
    expect(() => relu.setInput(0, other)).toThrow(`"relu" ${message}`);
    expect(() => graph.replaceUses(x, other)).toThrow(message);
    expect(() => graph.addNode("Neg", [x], { outputs: [other] })).toThrow(
      '"Neg" cannot write "foreign", a value of another graph',
    );
    expect(() => graph.rename(other, "y")).toThrow('"foreign" is not a value of this graph');
    expect(() => graph.removeValue(other)).toThrow('"foreign" is not a value of this graph');
    expect(relu.inputs).toEqual([x]);
    expect(graph.nodes).toHaveLength(2);
    expectSound(graph);
  });

  it("says hostile names escaped", () => {
    const graph = new Graph();
    graph.newValue("\u001b[31m");
    expect(() => graph.newValue("\u001b[31m")).toThrow('"\\u{1b}[31m"');
  });
});

describe("subgraphs", () => {
  it("see the values of their parents, and hide those of the same name", () => {
    const { graph, x, a } = chain();
    const body = new Graph(graph);
    const own = body.newValue("a");
    expect(body.find("x")).toBe(x);
    expect(body.find("a")).toBe(own);
    expect(graph.find("a")).toBe(a);
    expect(new Graph(body).find("x")).toBe(x);
    expect(body.find("nothing")).toBeUndefined();
    expect(body.freshName("x")).not.toBe("x");
  });

  it("link captured values to the nodes that read them", () => {
    const { graph, a, x } = chain();
    const body = new Graph(graph);
    const inner = body.addNode("Neg", [a]);
    const owner = graph.addNode("If", [x], { attributes: { then_branch: body } });
    expect(a.consumers).toContain(inner);
    expect(owner.subgraphs).toEqual([body]);
    expect(() => graph.addNode("Neg", inner.outputs)).toThrow("a value of another graph");
  });

  it("let go of what they captured when their owner is removed", () => {
    const { graph, a, x, abs } = chain();
    const body = new Graph(graph);
    const deep = new Graph(body);
    deep.addNode("Neg", [a]);
    body.addNode("If", [a], { attributes: { then_branch: deep } });
    const owner = graph.addNode("If", [x], { attributes: { then_branch: body } });
    graph.removeNode(owner);
    expect(a.consumers).toEqual([abs]);
  });
});

describe("changing", () => {
  it("setInput moves the link", () => {
    const { graph, x, a, abs } = chain();
    abs.setInput(0, x);
    expect(a.uses).toEqual([]);
    expect(x.uses.map((use) => use.node.name)).toEqual(["relu", "abs"]);
    abs.setInput(3, a);
    expect(abs.inputs).toEqual([x, null, null, a]);
    abs.setInput(3, null);
    expect(a.uses).toEqual([]);
    expectSound(graph);
  });

  it("replaceUses moves every reader, in subgraphs and in the graph's outputs too", () => {
    const { graph, x, a, b, abs } = chain();
    const body = new Graph(graph);
    const inner = body.addNode("Add", [a, a]);
    const c = graph.addNode("Neg", [x]).outputs[0]!;
    graph.replaceUses(a, c);
    graph.replaceUses(b, c);
    expect(a.uses).toEqual([]);
    expect(c.uses).toEqual([
      { node: abs, index: 0 },
      { node: inner, index: 0 },
      { node: inner, index: 1 },
    ]);
    expect(graph.outputs).toEqual([c]);
    expectSound(graph);
  });

  it("replaceUses by itself changes nothing", () => {
    const { graph, a, abs } = chain();
    graph.replaceUses(a, a);
    expect(a.uses).toEqual([{ node: abs, index: 0 }]);
  });

  it("rename frees the old name", () => {
    const { graph, a } = chain();
    graph.rename(a, "renamed");
    expect(graph.find("a")).toBeUndefined();
    expect(graph.find("renamed")).toBe(a);
    graph.rename(a, "renamed");
    expect(graph.newValue("a").name).toBe("a");
    expectSound(graph);
  });
});

describe("removing", () => {
  it("a node takes its links and output names with it", () => {
    const { graph, a, b, abs } = chain();
    graph.outputs.length = 0;
    graph.removeNode(abs);
    expect(graph.nodes.map((node) => node.name)).toEqual(["relu"]);
    expect(a.uses).toEqual([]);
    expect(graph.find("b")).toBeUndefined();
    expect(b.producer).toBeNull();
    expectSound(graph);
  });

  it("a node that is still read is refused", () => {
    const { graph, relu, abs } = chain();
    expect(() => graph.removeNode(relu)).toThrow(
      'cannot remove "relu": its output "a" is still read',
    );
    expect(() => graph.removeNode(abs)).toThrow('its output "b" is still read'); // by the caller
    expect(graph.nodes).toHaveLength(2);
  });

  it("a node twice is refused", () => {
    const { graph, abs } = chain();
    graph.outputs.length = 0;
    graph.removeNode(abs);
    expect(() => graph.removeNode(abs)).toThrow('"abs" is not a node of this graph');
  });

  it("a value goes when nothing holds it, also from the inputs", () => {
    const { graph, x, a, b } = chain();
    const spare = graph.addInput("spare", float);
    graph.removeValue(spare);
    expect(graph.inputs).toEqual([x]);
    expect(graph.find("spare")).toBeUndefined();
    for (const held of [x, a, b])
      expect(() => graph.removeValue(held)).toThrow(
        `cannot remove "${held.name}": it is still linked`,
      );
    expect(() => graph.removeValue(spare)).toThrow('"spare" is not a value of this graph');
  });
});

describe("freshName", () => {
  it("gives the stem first, then numbers, and never a taken name", () => {
    const graph = new Graph();
    expect(graph.freshName("y")).toBe("y");
    graph.newValue("y");
    graph.newValue("y_1");
    expect(graph.freshName("y")).toBe("y_2");
  });

  it("stays fast when one stem is asked for again and again", async () => {
    const ratio = await growth(2_000, (size) => () => {
      const graph = new Graph();
      for (let i = 0; i < size; i++) graph.newValue(graph.freshName("same"));
    });
    expect(ratio).toBeLessThan(LINEAR);
  });
});

it("replaceUses takes time in proportion to the readers", async () => {
  const ratio = await growth(4_000, (size) => {
    const graph = new Graph();
    const [x, y] = [graph.addInput("x", null), graph.addInput("y", null)];
    graph.addNode("Concat", Array<Value>(size).fill(x), { outputs: [] });
    return () => {
      graph.replaceUses(x, y);
      graph.replaceUses(y, x);
    };
  });
  expect(ratio).toBeLessThan(LINEAR);
});

it("stays sound under any sequence of edits", () => {
  const edit = fc.record({
    kind: fc.constantFrom("add", "remove", "input", "replace", "rename"),
    a: fc.nat(30),
    b: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 40 }), (edits) => {
      const graph = new Graph();
      graph.addInput("x", null);
      const pick = <T>(list: readonly T[], at: number) => list[at % list.length];
      for (const { kind, a, b } of edits) {
        const values = [...graph.values];
        const node = graph.nodes.length > 0 ? pick(graph.nodes, a) : undefined;
        if (kind === "add") graph.addNode("Add", [pick(values, a), pick(values, b)]);
        else if (kind === "rename") graph.rename(pick(values, a), graph.freshName("renamed"));
        else if (kind === "replace") graph.replaceUses(pick(values, a), pick(values, b));
        else if (kind === "input") node?.setInput(b % 3, pick(values, b));
        else if (node?.outputs.every((output) => output!.uses.length === 0)) graph.removeNode(node);
      }
      expectSound(graph);
      const links = graph.nodes.flatMap((node) => node.inputs).filter((input) => input !== null);
      const uses = [...graph.values].flatMap((value) => value.uses);
      expect(uses).toHaveLength(links.length);
    }),
  );
});
