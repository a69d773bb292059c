import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sum } from "../util/math.js";
import { assign } from "./assign.js";

/** The best total by trying every assignment. */
function bestTotal(scores: readonly number[], capacities: readonly number[], item = 0): number {
  const cells = capacities.length;
  if (item * cells === scores.length) return 0;
  let best = Number.NEGATIVE_INFINITY;
  for (const [cell, room] of capacities.entries())
    if (room > 0)
      best = Math.max(
        best,
        scores[item * cells + cell] + bestTotal(scores, capacities.with(cell, room - 1), item + 1),
      );
  return best;
}

describe("assign", () => {
  it("gives up the best of one for the best of all", () => {
    // All three want cell 0, which holds one. Item 1 loses most by leaving: 9 - 2 = 7 over 1 and 3.
    const scores = Float64Array.of(8, 7, 9, 2, 5, 2);
    expect([...assign(scores, [1, 2])]).toEqual([1, 0, 1]);
  });

  it("moves items along a chain of cells", () => {
    // Item 2 wants cell 0; item 0 moves on to cell 1, whose item 1 moves on to cell 2.
    const scores = Float64Array.of(5, 4, 0, 0, 5, 4, 9, 0, 0);
    expect([...assign(scores, [1, 1, 1])]).toEqual([1, 2, 0]);
  });

  it("is optimal", () => {
    const problem = fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 })
      .filter((capacities) => sum(capacities) > 0 && sum(capacities) <= 7)
      .chain((capacities) => {
        const size = sum(capacities) * capacities.length;
        const scores = fc.array(fc.integer({ min: -9, max: 9 }), {
          minLength: size,
          maxLength: size,
        });
        return fc.tuple(scores, fc.constant(capacities));
      });
    fc.assert(
      fc.property(problem, ([scores, capacities]) => {
        const cellOf = assign(Float64Array.from(scores), capacities);
        const counts = capacities.map((_, cell) => cellOf.filter((c) => c === cell).length);
        expect(counts).toEqual(capacities);
        const total = sum([...cellOf].map((cell, i) => scores[i * capacities.length + cell]));
        expect(total).toBe(bestTotal(scores, capacities));
      }),
      { numRuns: 300 },
    );
  });
});
