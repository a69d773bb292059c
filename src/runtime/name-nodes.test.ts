import { expect, it } from "vitest";
import { allNodes, parseModel } from "../graph/index.js";
import { nameNodes } from "./name-nodes.js";

it("keeps a name that is the first of its kind, and gives others one that nothing has", () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
  net (float[2] x, bool c) => (y, Relu_1) {
    [one] a = Neg(x)
    b = Abs(a)
    [one] Relu_1 = Relu(b)
    y = If<then_branch = t () => (u) { [b] u = Abs(a) }, else_branch = e () => (u) { u = Neg(a) }>(c)
  }`);
  nameNodes(model);
  const names = [...allNodes(model.graph)].map(({ op, name }) => `${op} ${name}`);
  expect(names.sort()).toEqual([
    "Abs Abs_2", // in the body: `b` is taken
    "Abs b",
    "If y",
    "Neg one",
    "Neg u",
    "Relu Relu_1_1", // `Relu_1` is a value
  ]);
});
