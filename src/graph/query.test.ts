import { describe, expect, it } from "vitest";
import { Graph } from "./graph.js";
import { Model } from "./model.js";
import {
  allNodes,
  floatAttribute,
  intAttribute,
  intsAttribute,
  isOp,
  isOutput,
  isStandardDomain,
  stringAttribute,
} from "./query.js";
import { staticShape } from "./types.js";

describe("isOp", () => {
  const graph = new Graph();
  const conv = graph.addNode("Conv", []);
  const spelt = graph.addNode("Conv", [], { domain: "ai.onnx" });
  const other = graph.addNode("Conv", [], { domain: "com.microsoft" });

  it.each([
    [conv, ["Conv"], true],
    [conv, ["Gemm", "Conv"], true],
    [conv, ["conv"], false],
    [conv, [], false],
    [spelt, ["Conv"], true], // the long spelling of the standard domain
    [other, ["Conv"], false],
    [null, ["Conv"], false],
    [undefined, ["Conv"], false],
  ])("case %#", (node, ops, expected) => {
    expect(isOp(node, ...ops)).toBe(expected);
  });

  it("knows the standard domain by both its names", () => {
    expect(["", "ai.onnx", "ai.onnx.ml"].map(isStandardDomain)).toEqual([true, true, false]);
  });
});

describe("attributes by type", () => {
  const node = new Graph().addNode("Op", [], {
    attributes: {
      group: 4,
      end: 2n ** 63n - 1n,
      alpha: 0.5,
      pads: [1, 2],
      mode: "linear",
      bytes: { type: "string", value: Uint8Array.of(0xff) },
    },
  });

  it("are read when they are there, of the asked type", () => {
    expect(intAttribute(node, "group", 1)).toBe(4);
    expect(intAttribute(node, "end", 0)).toBe(Number.MAX_SAFE_INTEGER);
    expect(floatAttribute(node, "alpha", 1)).toBe(0.5);
    expect(intsAttribute(node, "pads")).toEqual([1, 2]);
    expect(stringAttribute(node, "mode", "nearest")).toBe("linear");
  });

  it("else the fallback stands", () => {
    expect(intAttribute(node, "alpha", 1)).toBe(1);
    expect(intAttribute(node, "absent", undefined)).toBeUndefined();
    expect(floatAttribute(node, "group", 1)).toBe(1);
    expect(intsAttribute(node, "group")).toBeUndefined();
    expect(stringAttribute(node, "bytes", "none")).toBe("none"); // not text
    expect(stringAttribute(node, "absent", undefined)).toBeUndefined();
  });
});

it("allNodes goes into subgraphs, owners first", () => {
  const graph = new Graph();
  const body = new Graph(graph);
  const deep = new Graph(body);
  deep.addNode("Neg", [], { name: "deep" });
  body.addNode("If", [], { name: "inner", attributes: { then_branch: deep } });
  graph.addNode("If", [], { name: "outer", attributes: { else_branch: body } });
  graph.addNode("Relu", [], { name: "last" });
  expect([...allNodes(graph)].map((node) => node.name)).toEqual(["outer", "inner", "deep", "last"]);
});

it("isOutput asks the value's own graph", () => {
  const graph = new Graph();
  const x = graph.addInput("x", null);
  expect(isOutput(x)).toBe(false);
  graph.outputs.push(x);
  expect(isOutput(x)).toBe(true);
});

it("staticShape is a shape of numbers only", () => {
  const shape = (dims: readonly (number | string | null)[] | null) =>
    staticShape({ kind: "tensor", dtype: "float32", shape: dims });
  expect(shape([1, 3])).toEqual([1, 3]);
  expect(shape([])).toEqual([]);
  expect(shape(["batch", 3])).toBeNull();
  expect(shape([1, null])).toBeNull();
  expect(shape(null)).toBeNull();
  expect(staticShape({ kind: "opaque" })).toBeNull();
  expect(staticShape(null)).toBeNull();
});

it("a model's opset is that of the standard domain, by either name, 1 when none is said", () => {
  const model = new Model();
  expect(model.opset).toBe(1);
  model.opsets.set("ai.onnx", 13);
  expect(model.opset).toBe(13);
  model.opsets.set("", 17);
  expect(model.opset).toBe(17);
});
