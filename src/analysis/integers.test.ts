import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { inferShapes, Session } from "../runtime/index.js";
import { readFloat64 } from "../tensor/index.js";
import { completeShapes } from "./complete-shapes.js";
import { foldIntegers } from "./integers.js";

/** What is worked out of `y`, and what the runtime computes. */
async function bothWays(nodes: string): Promise<[folded: unknown, run: number[]]> {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]> m () => (y)
    <int64[3,4] table = {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23}, int64[5] list = {0, 1, 2, 3, 4}> { ${nodes} }`);
  const integers = await foldIntegers(model.graph, await inferShapes(model));
  const session = await Session.create(model, { optimisation: "disabled" });
  const { y } = await session.run({});
  await session.release();
  return [integers.get(model.graph.find("y")!), [...(await readFloat64(y))]];
}

const slice = (of: string, starts: number[], ends: number[], axes: number[], steps: number[]) => {
  const list = (name: string, numbers: number[]) =>
    `${name} = Constant<value_ints = [${numbers}]>()`;
  return `${list("s", starts)} ${list("e", ends)} ${list("a", axes)} ${list("t", steps)}
    y = Slice(${of}, s, e, a, t)`;
};
const FAR = Number.MAX_SAFE_INTEGER;

describe("foldIntegers computes what the runtime does", () => {
  it.each([
    ["rows from the last to the first", slice("table", [-1], [-FAR], [0], [-1])],
    ["every other column, backwards", slice("table", [3], [0], [-1], [-2])],
    ["a corner", slice("table", [1, 1], [FAR, 3], [0, 1], [1, 1])],
    ["bounds outside", slice("list", [-9], [9], [0], [3])],
    ["from outside backwards", slice("list", [9], [-9], [0], [-2])],
    ["nothing", slice("list", [3], [2], [0], [1])],
    ["a table on its side", "y = Transpose(table)"],
    [
      "axes in an order",
      "d = Constant<value_ints = [2, 3, 2]>() r = Reshape(table, d) y = Transpose<perm = [1, 2, 0]>(r)",
    ],
    ["a list of one number", "n = Shape(list) y = ConstantOfShape<value = int64[1] {7}>(n)"],
  ])("%s", async (_, nodes) => {
    const [folded, run] = await bothWays(nodes);
    expect(folded).toEqual(run);
  });
});

it("finds the shape behind pads as PyTorch writes them: of the last axis first, then upside down", async () => {
  // Two before the last axis, one after the one before it: [1, 3, 4 + 1, 5 + 2].
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 12]> m (float[1,3,4,5] x) => (z)
    <int64[4] given = {2, 0, 0, 1}, int64[1] rest = {4}, int64[2] pairs = {-1, 2}, int64[1] all = {-1},
     int64[1] axis = {0}, int64[1] end = {-9223372036854775807}> {
    none = ConstantOfShape<value = int64[1] {0}>(rest)  raw = Concat<axis = 0>(given, none)
    table = Reshape(raw, pairs)  turned = Slice(table, all, end, axis, all)
    sides = Transpose<perm = [1, 0]>(turned)  pads = Reshape(sides, all)
    y = Pad(x, pads)  z = Relu(y) }`);
  const shapes = await completeShapes(model, new Map());
  expect(shapes.get(model.graph.find("z")!)).toEqual([1, 3, 5, 7]);
});

it.each([
  ["an axis named twice", "y = Transpose<perm = [0, 0, 0]>(list)", true],
  ["an axis that there is none of", slice("list", [0], [2], [3], [1]), true],
  ["a table whose sides nobody knows", "y = Transpose<perm = [1, 0]>(table)", false],
  [
    "fewer numbers than none",
    "n = Constant<value_ints = [-2]>() y = ConstantOfShape<value = int64[1] {7}>(n)",
    true,
  ],
])("knows nothing of %s", async (_, nodes, hasShapes) => {
  const { graph } = parseModel(`<ir_version: 8, opset_import: ["" : 17]> m () => (y)
    <int64[2,2] table = {0, 1, 2, 3}, int64[3] list = {0, 1, 2}> { ${nodes} }`);
  const [table, list] = ["table", "list"].map((name) => graph.find(name)!);
  const shapes = new Map([
    [table, [2, 2]],
    [list, [3]],
  ]);
  const integers = await foldIntegers(graph, hasShapes ? shapes : null);
  expect(integers.has(graph.find("y")!)).toBe(false);
});
