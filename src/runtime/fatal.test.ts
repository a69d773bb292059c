import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { inferShapes } from "./index.js";
import { readOptimisedGraph } from "./optimised-graph.node.js";

/** Where ONNX Runtime itself answers, it does so by the end of this process. */
describe("a transposed convolution of no groups", () => {
  const layer = (groups: number) => `[up] y = ConvTranspose<group = ${groups}>(x, w)`;
  const model = (groups: number) =>
    parseModel(`net (float[1, 12, 4, 4] x) => (y) <float[12, 8, 1, 1] w> { ${layer(groups)} }`);
  const sentence =
    'ONNX Runtime cannot load the model: groups=0 of ConvTranspose "up" must be at least 1';

  it("is refused before the runtime sees it", async () => {
    await expect(inferShapes(model(0))).rejects.toThrow(sentence);
    await expect(readOptimisedGraph(model(0))).rejects.toThrow(sentence);
  });

  it("is refused within a body of control flow", async () => {
    const nested = parseModel(`net (bool c, float[1, 12, 4, 4] x) => (z) <float[12, 8, 1, 1] w> {
      z = If(c) <then_branch = a () => (y) { ${layer(0)} }, else_branch = b () => (e) { e = Relu(x) }>
    }`);
    await expect(inferShapes(nested)).rejects.toThrow(sentence);
  });

  it("is another matter with one group", async () => {
    const one = model(1);
    expect((await inferShapes(one)).get(one.graph.outputs[0])).toEqual([1, 8, 4, 4]);
  });
});
