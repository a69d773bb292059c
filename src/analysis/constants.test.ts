import { describe, expect, it } from "vitest";
import { Graph, type Model } from "../graph/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { full } from "../tensor/index.js";
import { constantValues } from "./constants.js";

describe("constantValues", () => {
  it("finds constants and what is made of them alone", () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    const x = b.input("x", [4]);
    const w = b.constant(full([4], 2), "w");
    const node = b.op("Constant", [], { value: full([4], 3) });
    const folded = b.op("Clip", [b.op("Mul", [w, node]), null, w]); // one input left out
    const fromData = b.op("Add", [folded, x]);
    const chance = b.op("RandomNormalLike", [w]);
    const fromChance = b.op("Identity", [chance]);
    const [strange] = b.ops("NoInputs", [], {}, 1, "vendor");
    const dequantised = b.op("DequantizeLinear", [w, w]);
    const constants = constantValues(model);
    expect([w, node, folded].map((value) => constants.has(value))).toEqual([true, true, true]);
    for (const value of [x, fromData, chance, fromChance, strange, dequantised])
      expect(constants.has(value), value.name).toBe(false);
  });

  it("leaves out a default the caller may replace, but for files of before such defaults", () => {
    expect(listedAmongInputs(4)).toBe(false);
    expect(listedAmongInputs(8)).toBe(false);
    expect(listedAmongInputs(3)).toBe(true); // every constant is an input there
  });

  it("looks into bodies, which know the constants around them, and into functions", () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    const outer = b.constant(full([4], 2));
    const condition = b.input("condition", [], "bool");
    const body = new GraphBuilder(new Graph(model.graph));
    const folded = body.op("Neg", [body.op("Add", [outer, body.constant(full([4], 1))])]);
    body.output(folded);
    const chosen = b.op("If", [condition], { then_branch: body.graph, else_branch: body.graph });

    const definition = new GraphBuilder(new Graph());
    const given = definition.graph.addInput("given", null);
    const own = definition.op("Constant", [], { value: full([4], 1) });
    const sum = definition.op("Add", [given, own]);
    addFunction(model, definition.graph);

    const constants = constantValues(model);
    expect([outer, folded, own].map((value) => constants.has(value))).toEqual([true, true, true]);
    expect([chosen, given, sum].map((value) => constants.has(value))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

function listedAmongInputs(irVersion: number): boolean {
  const model = newModel("test");
  model.irVersion = irVersion;
  const w = model.graph.addInitializer(full([4], 2), "w");
  model.graph.inputs.push(w);
  return constantValues(model).has(w);
}

function addFunction(model: Model, body: Graph): void {
  model.functions.push({
    name: "f",
    domain: "test",
    overload: "",
    body,
    opsets: new Map(),
    attributeNames: [],
    attributeDefaults: new Map(),
  });
}
