import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { scalar, tensor } from "../tensor/index.js";
import { newModel } from "./builder.js";
import { GraphBuilder } from "./index.js";
import { readIntegers } from "./read-integers.js";

describe("readIntegers", () => {
  it("reads whole numbers and truths of initializers, not floats and not large data", async () => {
    const model = newModel("constants");
    const g = new GraphBuilder(model.graph);
    const bounds = g.ints([-1, 2 ** 40]);
    const small = g.constant(tensor(Int32Array.of(7), []));
    const truth = g.constant(scalar(1, "bool"));
    const float = g.scalar(2);
    const data = g.constant(tensor(new Int32Array(2 ** 16 + 1), [2 ** 16 + 1]));
    const integers = await readIntegers(model.graph);
    expect(integers.get(bounds)).toEqual([-1, 2 ** 40]);
    expect(integers.get(small)).toEqual([7]);
    expect(integers.get(truth)).toEqual([1]);
    expect(integers.has(float)).toBe(false);
    expect(integers.has(data)).toBe(false);
  });

  it("reads Constant nodes in all their forms", async () => {
    const { graph } = parseModel(`
      <ir_version: 8, opset_import: ["" : 17]>
      agraph () => (int64[1] a, int64[2] b, int64 c, float d) {
        a = Constant <value = int64[1] {5}> ()
        b = Constant <value_ints = [3, -4]> ()
        c = Constant <value_int = 6> ()
        d = Constant <value_float = 1.5> ()
      }
    `);
    const integers = await readIntegers(graph);
    const named = Object.fromEntries([...integers].map(([value, list]) => [value.name, list]));
    expect(named).toEqual({ a: [5], b: [3, -4], c: [6] });
  });
});
