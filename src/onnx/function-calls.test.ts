import { describe, expect, it } from "vitest";
import { Graph, type Model } from "../graph/index.js";
import { newModel } from "../ops/index.js";
import { callFault, inlineFunctions } from "./index.js";

/** Function i calls function `next(i)` so many times, or is a Relu where that is null. */
function calls(count: number, times: number, next: (i: number) => number | null): Model {
  const model = newModel("calls");
  for (let i = 0; i < count; i++) {
    const body = new Graph();
    let value = body.addInput("v", null);
    const called = next(i);
    for (let k = 0; k < (called === null ? 1 : times); k++)
      [value] = body.addNode(called === null ? "Relu" : `f${called}`, [value], {
        domain: called === null ? "" : "mine",
      }).outputs as [typeof value];
    body.outputs.push(value);
    model.functions.push({
      name: `f${i}`,
      domain: "mine",
      overload: "",
      body,
      opsets: new Map(),
      attributeNames: [],
      attributeDefaults: new Map(),
    });
  }
  const x = model.graph.addInput("x", { kind: "tensor", dtype: "float32", shape: [1, 2, 3, 3] });
  model.graph.outputs.push(model.graph.addNode("f0", [x], { domain: "mine" }).outputs[0]!);
  return model;
}

describe("callFault", () => {
  it("finds none where functions call others as modules do", () => {
    // 2^10 nodes behind one call
    const model = calls(11, 2, (i) => (i < 10 ? i + 1 : null));
    expect(callFault(model)).toBeNull();
    expect(inlineFunctions(model).graph.nodes.length).toBe(1024);
  });

  it("counts calls without making them: 2^40 of them, and a chain of 100,000", () => {
    const bomb = calls(41, 2, (i) => (i < 40 ? i + 1 : null));
    expect(callFault(bomb)).toBe(
      "the calls of its functions stand for 1099511627776 nodes, more than 65536",
    );
    expect(inlineFunctions(bomb)).toBe(bomb);

    const chain = calls(100_000, 1, (i) => (i < 99_999 ? i + 1 : null));
    expect(callFault(chain)).toBe('functions call functions more than 256 deep, at "f257"');
    expect(inlineFunctions(chain)).toBe(chain);
  });

  it("sees the depth of a function that was measured from elsewhere first", () => {
    // The graph calls f200 of a chain of 400, then f0.
    const model = calls(400, 1, (i) => (i < 399 ? i + 1 : null));
    const [x] = model.graph.inputs;
    model.graph.addNode("f200", [x], { domain: "mine", at: 0 });
    expect(callFault(model)).toBe("functions call functions 400 deep, more than 256");
  });

  it("names a function that calls itself, by others too", () => {
    expect(callFault(calls(3, 2, (i) => (i + 1) % 3))).toBe('the function "f0" calls itself');
  });
});
