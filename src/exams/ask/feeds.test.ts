import { expect, it } from "vitest";
import { Survey, survey } from "../../analysis/index.js";
import { parseModel } from "../../graph/index.js";
import { UsageError } from "../../util/errors.js";
import { drawFeeds } from "./feeds.js";

const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N, 3] x, float16[2] h, int64[4] index, bool[1] flag) => (y) { y = Relu(x) }`);

it("draws noise for floats, and zeros where whole numbers are read", async () => {
  const feeds = drawFeeds(await survey(model, { inputShapes: { x: [200, 3] } }));
  expect(Object.entries(feeds).map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
    ["x", "float32", [200, 3]],
    ["h", "float16", [2]],
    ["index", "int64", [4]],
    ["flag", "bool", [1]],
  ]);
  const noise = [...feeds.x.data].map(Number);
  const square = noise.reduce((total, n) => total + n * n, 0) / noise.length;
  expect(square).toBeGreaterThan(0.7);
  expect(square).toBeLessThan(1.3);
  expect([...feeds.index.data]).toEqual([0n, 0n, 0n, 0n]);
});

it("draws nothing for an input of open shape", () => {
  const input = { name: "x", shape: null, source: "file" as const };
  const open = new Survey(model, {}, [input], null, null);
  expect(() => drawFeeds(open)).toThrow(UsageError);
  expect(() => drawFeeds(open)).toThrow('input "x" has no shape or type');
});
