import { expect, it } from "vitest";
import { isOp, parseModel, printGraph } from "../graph/index.js";
import type { LazyTensor } from "../tensor/index.js";
import { copyModel } from "./copy-model.js";
import { readModel } from "./read.js";
import { encodeModel } from "./write.js";

const text = `
  m (float[1, 64, 4, 4] x) => (float[1, 64, 4, 4] y)
  <float[64, 64, 3, 3] w> { a = Conv<pads = [1, 1, 1, 1]>(x, w) y = Relu(a) }`;

it("has the same content, and what is done to it stays with it", async () => {
  const model = parseModel(text);
  const before = printGraph(model.graph);
  const copy = copyModel(model);
  expect(await encodeModel(copy)).toEqual(await encodeModel(model));

  copy.graph.addNode("Neg", [copy.graph.find("a")!]);
  copy.graph.nodes.find((node) => isOp(node, "Conv"))!.attributes.clear();
  copy.graph.outputs.length = 0;
  expect(printGraph(model.graph)).toBe(before);
});

it("reads no weight of a file", async () => {
  const bytes = await encodeModel(parseModel(text));
  let longest = 0;
  const model = await readModel({
    size: bytes.length,
    read: async (offset, length) => {
      longest = Math.max(longest, length);
      return bytes.slice(offset, offset + length);
    },
  });
  longest = 0;
  const copy = copyModel(model);
  expect(longest).toBe(0);
  const weight: LazyTensor = copy.graph.find("w")!.initializer!;
  expect(await weight.load()).toEqual(await model.graph.find("w")!.initializer!.load());
  expect(longest).toBe(64 * 64 * 9 * 4);
});
