import { describe, expect, it } from "vitest";
import { DisjointSets } from "./disjoint-sets.js";

describe("DisjointSets", () => {
  it("joins what is joined, and keeps the order", () => {
    const sets = new DisjointSets<string>();
    for (const item of "abcdefg") sets.add(item);
    sets.join("a", "c");
    sets.join("e", "d");
    sets.join("c", "e");
    sets.join("a", "d");
    sets.add("a"); // stays where it is
    expect(sets.sets()).toEqual([["a", "c", "d", "e"], ["b"], ["f"], ["g"]]);
  });

  it("knows its members", () => {
    const sets = new DisjointSets<string>();
    sets.add("a");
    expect([sets.has("a"), sets.has("b"), sets.has(null)]).toEqual([true, false, false]);
    expect(new DisjointSets().sets()).toEqual([]);
  });
});
