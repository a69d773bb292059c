import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { inferShapes } from "../runtime/index.js";
import { PartialShapes } from "./partial-shapes.js";

const constants = `<int64[3] to = {2, 3, 4}, int64[3] kept = {0, -1, 4}, int64[1] one = {1}, int64[1] two = {2},
  int64 first = {0}, int64[2] pair = {0, 1}, float[3, 1] m>`;

/** Shape of `y`, with no shape known but the graph's input; and what the runtime says. */
async function shapesOf(body: string) {
  const model = parseModel(
    `g (float[2, 3, 4] x) => (float[] y) ${constants} { r = Reshape(x, to) ${body} }`,
  );
  const y = model.graph.find("y")!;
  const inferred = await inferShapes(model);
  const input = new Map([[model.graph.inputs[0], [2, 3, 4]]]);
  return {
    alone: (await PartialShapes.of(model.graph, null)).get(y),
    fromInput: (await PartialShapes.of(model.graph, input)).get(y),
    runtime: inferred.get(y),
  };
}

describe("PartialShapes", () => {
  it.each([
    // [nodes after r = Reshape(x, [2, 3, 4]), what follows from that]
    ["y = Relu(r)", [2, 3, 4]],
    ["y = Transpose<perm = [2, 0, 1]>(r)", [4, 2, 3]],
    ["y = Transpose(r)", [4, 3, 2]],
    ["y = Reshape(r, kept)", [2, null, 4]],
    ["y, z = Split<axis = 0>(r)", [null, 3, 4]],
    ["y = Slice(r, one, two, two)", [2, 3, null]],
    ["s = Slice(r, one, two, one) y = Squeeze(s, one)", [2, 4]],
    ["y = Gather<axis = 1>(r, first)", [2, 4]],
    ["y = Gather<axis = -1>(r, pair)", [2, 3, 2]],
    ["y = Mul(m, r)", [2, 3, 4]],
    ["y = Softmax(r)", [2, 3, 4]],
  ])("%s", async (body, expected) => {
    const { alone, fromInput, runtime } = await shapesOf(body);
    expect(alone).toEqual(expected);
    for (const [axis, size] of fromInput!.entries())
      expect(size === null || size === runtime![axis]).toBe(true);
    expect(runtime!.length).toBe(expected.length);
  });

  it("copies an axis of size 0 from the input", async () => {
    const { alone, fromInput } = await shapesOf("y = Reshape(x, kept)");
    expect(alone).toEqual([null, null, 4]);
    expect(fromInput).toEqual([2, null, 4]);
  });

  it("takes a shape of no axes for unknown, and other operators too", async () => {
    const model = parseModel("g (float[2, 3] x) => (y) { y = Relu(x) }");
    const [x, y] = ["x", "y"].map((name) => model.graph.find(name)!);
    expect((await PartialShapes.of(model.graph, new Map([[y, []]]))).get(y)).toBe(null);
    expect((await PartialShapes.of(model.graph, new Map([[x, [2, 3]]]))).get(y)).toEqual([2, 3]);
    expect((await shapesOf("y = Expand(r, to)")).alone).toBe(null);
  });

  it("asks each value once, however often it is read", async () => {
    const sums = Array.from({ length: 30 }, (_, i) => `a${i + 1} = Add(a${i}, a${i})`).join("\n");
    const model = parseModel(`g (float[2, 3] a0) => (y) { ${sums} y = Relu(a30) }`);
    const partial = await PartialShapes.of(model.graph, null);
    expect(partial.get(model.graph.find("y")!)).toBe(null); // 2^30 steps otherwise
  });
});
