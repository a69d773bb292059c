import { describe, expect, it } from "vitest";
import { tensor } from "../tensor/index.js";
import { type AttributeLike, attributeOf, subgraphsOf, toNumber } from "./attribute.js";
import { Graph } from "./graph.js";

describe("attributeOf", () => {
  const weight = tensor(Float32Array.of(1), [1]);
  const body = new Graph();

  it.each<[AttributeLike, unknown]>([
    [4, { type: "int", value: 4 }],
    [-1, { type: "int", value: -1 }],
    [2 ** 53 - 1, { type: "int", value: 2 ** 53 - 1 }],
    [2n ** 63n - 1n, { type: "int", value: 2n ** 63n - 1n }],
    [0.5, { type: "float", value: 0.5 }],
    [1e30, { type: "float", value: 1e30 }], // whole, but no integer of 64 bits
    [Number.POSITIVE_INFINITY, { type: "float", value: Number.POSITIVE_INFINITY }],
    ["VALID", { type: "string", value: "VALID" }],
    ["", { type: "string", value: "" }],
    [[1, 1], { type: "ints", value: [1, 1] }],
    [[1, 0.5], { type: "floats", value: [1, 0.5] }],
    [[1, 1e30], { type: "floats", value: [1, 1e30] }],
    [["a", "b"], { type: "strings", value: ["a", "b"] }],
    [[], { type: "ints", value: [] }],
    [weight, { type: "tensor", value: weight }],
    [body, { type: "graph", value: body }],
    [
      { type: "float", value: 1 },
      { type: "float", value: 1 },
    ],
    [
      { type: "strings", value: [] },
      { type: "strings", value: [] },
    ],
  ])("tags case %#", (plain, tagged) => {
    expect(attributeOf(plain)).toEqual(tagged);
  });
});

it("subgraphsOf gives the graphs of graph attributes, none of others", () => {
  const [one, two] = [new Graph(), new Graph()];
  expect(subgraphsOf({ type: "graph", value: one })).toEqual([one]);
  expect(subgraphsOf({ type: "graphs", value: [one, two] })).toEqual([one, two]);
  expect(subgraphsOf({ type: "int", value: 1 })).toEqual([]);
});

it.each([
  [5, 5],
  [5n, 5],
  [2n ** 63n - 1n, Number.MAX_SAFE_INTEGER],
  [-(2n ** 63n), Number.MIN_SAFE_INTEGER],
])("toNumber cuts %s to the safe range", (value, number) => {
  expect(toNumber(value)).toBe(number);
});
