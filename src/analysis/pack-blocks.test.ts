import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { range, sum } from "../util/math.js";
import { packBlocks, type Size } from "./pack-blocks.js";

const square = (size: number): Size => ({ rows: size, cols: size });

describe("packBlocks", () => {
  it("deals out blocks of one size", () => {
    expect(packBlocks([2, 2, 2, 2].map(square), 2, square(4))).toEqual([0, 1, 0, 1]);
    expect(packBlocks([2, 2, 2].map(square), 2, square(4))).toEqual([0, 1, 0]);
    expect(packBlocks([3, 3, 3, 3].map(square), 2, square(5))).toBeNull();
  });

  it("puts a block into every bin, or gives none", () => {
    expect(packBlocks([square(2)], 2, square(4))).toBeNull();
    expect(packBlocks([3, 1].map(square), 2, square(4))).toEqual([1, 0]);
    expect(packBlocks([1, 1, 1, 2].map(square), 3, square(8))).not.toBeNull();
  });

  it("minds rows and columns", () => {
    const blocks = [
      { rows: 3, cols: 1 },
      { rows: 1, cols: 3 },
      { rows: 2, cols: 2 },
    ];
    expect(packBlocks(blocks, 2, square(4))).not.toBeNull();
    // Area would do: 3 + 3 + 3 cells of two bins of 9. But two of them need 4 rows.
    expect(
      packBlocks(
        range(3).map(() => ({ rows: 2, cols: 1 })),
        2,
        square(3),
      ),
    ).toBeNull();
    expect(packBlocks([{ rows: 1, cols: 5 }], 1, square(4))).toBeNull();
  });

  it("finds by search what greed does not", () => {
    // Largest first: 4 + 4 | 3 + 3 + 3, and the last 3 has no room. But 4 + 3 + 3 | 4 + 3 + 3 fills both.
    const binOf = packBlocks([4, 4, 3, 3, 3, 3].map(square), 2, square(10));
    expect(binOf?.filter((bin) => bin === binOf[0])).toHaveLength(3);
    expect(binOf?.[0]).not.toBe(binOf?.[1]);
  });

  it("agrees with every assignment tried", () => {
    const cases = fc.record({
      blocks: fc.array(
        fc.record({ rows: fc.integer({ min: 1, max: 5 }), cols: fc.integer({ min: 1, max: 5 }) }),
        { minLength: 1, maxLength: 7 },
      ),
      count: fc.integer({ min: 1, max: 3 }),
      bin: fc.record({
        rows: fc.integer({ min: 3, max: 9 }),
        cols: fc.integer({ min: 3, max: 9 }),
      }),
    });
    const answers = { yes: 0, no: 0 };
    fc.assert(
      fc.property(cases, ({ blocks, count, bin }) => {
        const packed = packBlocks(blocks, count, bin);
        const isPossible = assignments(blocks.length, count).some((binOf) =>
          isPacking(blocks, binOf, count, bin),
        );
        expect(packed !== null).toBe(isPossible);
        if (packed) expect(isPacking(blocks, packed, count, bin)).toBe(true);
        answers[isPossible ? "yes" : "no"]++;
      }),
      { numRuns: 500, seed: 20261123 },
    );
    expect(answers.yes).toBeGreaterThan(100);
    expect(answers.no).toBeGreaterThan(100);
  });

  it("gives up in bounded time where there is no packing", () => {
    // Two blocks leave no room for a third, so that 20 bins hold 40 of the 60.
    const blocks = range(60).map((i) => ({ rows: 340 + (i % 7), cols: 335 + (i % 5) }));
    expect(packBlocks(blocks, 20, square(1000))).toBeNull();
  });
});

function assignments(blocks: number, bins: number): number[][] {
  if (blocks === 0) return [[]];
  return assignments(blocks - 1, bins).flatMap((rest) => range(bins).map((bin) => [...rest, bin]));
}

function isPacking(blocks: readonly Size[], binOf: readonly number[], count: number, bin: Size) {
  return range(count).every((at) => {
    const members = blocks.filter((_, i) => binOf[i] === at);
    return (
      members.length > 0 &&
      sum(members.map(({ rows }) => rows)) <= bin.rows &&
      sum(members.map(({ cols }) => cols)) <= bin.cols
    );
  });
}
