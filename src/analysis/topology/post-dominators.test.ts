import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../../tests/support/growth.js";
import { range } from "../../util/math.js";
import { PostDominators } from "./post-dominators.js";

/** Node n leads to some of the nodes after it, and perhaps to the end. */
type Graph = readonly (readonly (number | null)[])[];

const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.tuple(
    ...range(size).map((node) => {
      const later = range(node + 1, size).map((target) => fc.constant<number | null>(target));
      return fc.uniqueArray(fc.oneof(fc.constant<number | null>(null), ...later), { maxLength: 3 });
    }),
  ),
);

function build(graph: Graph): PostDominators<number> {
  return new PostDominators(range(graph.length).reverse(), (node) => graph[node]);
}

/** Is there a way from here to the end that does not lead through `without`? */
function reaches(graph: Graph, from: number, without: number | null): boolean {
  if (from === without) return false;
  return graph[from].some((target) => target === null || reaches(graph, target, without));
}

describe("PostDominators", () => {
  it("agrees with trying all ways", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const post = build(graph);
        for (const b of graph.keys()) {
          expect(post.reachesEnd(b)).toBe(reaches(graph, b, null));
          for (const a of graph.keys()) {
            const every = reaches(graph, b, null) && !reaches(graph, b, a);
            expect(post.postDominates(a, b)).toBe(every);
          }
        }
      }),
    );
  });

  it("finds the nearest node on all ways", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const post = build(graph);
        const alive = range(graph.length).filter((node) => post.reachesEnd(node));
        for (const b of alive) {
          const passed = alive.filter((a) => post.postDominates(a, b));
          // Ways lead from small to large numbers, so the nearest is the smallest.
          expect(post.next(b)).toBe(passed.find((a) => a !== b) ?? null);
          const both = alive.find(
            (a) => post.postDominates(a, b) && post.postDominates(a, alive[0]),
          );
          expect(post.nearestCommon([b, alive[0]])).toBe(both ?? null);
        }
      }),
    );
  });

  it("knows nothing common of no nodes", () => {
    expect(build([[null]]).nearestCommon([])).toBe(null);
  });

  it("takes little more than linear time, on long chains with long shortcuts too", async () => {
    const prepare = (size: number) => {
      const next = (node: number) =>
        node === size - 1 ? [null] : [node + 1, Math.min(size - 1, node + (size >> 1))];
      const reversed = range(size).reverse();
      return () => new PostDominators(reversed, next);
    };
    expect(await growth(1000, prepare)).toBeLessThan(LINEAR);
  });
});
