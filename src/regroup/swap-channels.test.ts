import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "../tensor/index.js";
import { range } from "../util/math.js";
import { arrange, keptShare, type Layer, type Stand, settle } from "./arrangement.js";
import { swapChannels } from "./swap-channels.js";

/** A layer whose rows and columns stand at places of their own numbers. */
function layerOf(rows: number, cols: number, groups: number, data: Float64Array): Layer {
  const groupOf = (size: number) =>
    Int32Array.from(range(size), (place) => Math.floor((place * groups) / size));
  return { energy: { rows, cols, data }, groups, rowGroup: groupOf(rows), colGroup: groupOf(cols) };
}

describe("swapChannels", () => {
  it("trades two channels whose kernels between them see both move", () => {
    // Channels 0 and 2 belong together, 1 and 3 too: 1 and 2 trade places.
    const together = [1, 0, 9, 0, 0, 1, 0, 9, 9, 0, 1, 0, 0, 9, 0, 1];
    const layer = layerOf(4, 4, 2, Float64Array.from(together));
    const space = arrange(4, [
      { layer, side: "rows", offset: 0 },
      { layer, side: "cols", offset: 0 },
    ]);
    expect(
      keptShare(
        layerOf(
          4,
          4,
          2,
          layer.energy.data.map((x) => x / 40),
        ),
      ),
    ).toBeCloseTo(0.1, 9);
    expect(swapChannels(space)).toBe(true);
    expect([...space.place.map((place) => Math.floor(place / 2))]).toSatisfy(
      ([a, b, c, d]) => a === c && b === d && a !== b,
    );
    expect(swapChannels(space)).toBe(false);
  });

  it("ends where no pair gains, and never lower than it began", () => {
    const problem = fc.record({
      seed: fc.nat(9999),
      groups: fc.constantFrom(2, 4),
      // Where the space begins on either side: beside nothing, or beside four other channels.
      rowOffset: fc.constantFrom(0, 4),
      colOffset: fc.constantFrom(0, 4),
      beside: fc.boolean(),
    });
    fc.assert(
      fc.property(problem, ({ seed, groups, rowOffset, colOffset, beside }) => {
        const rng = new Rng(seed);
        const [rows, cols] = [8 + rowOffset, 8 + colOffset];
        const random = (count: number) =>
          Float64Array.from(range(count), () => rng.float() / count);
        const tied = layerOf(rows, cols, groups, random(rows * cols));
        const other = layerOf(8, 8, 4, random(64));
        const stands: Stand[] = [
          { layer: tied, side: "rows", offset: rowOffset },
          { layer: tied, side: "cols", offset: colOffset },
        ];
        if (beside) stands.push({ layer: other, side: "cols", offset: 0 });
        const space = arrange(8, stands);
        settle(space, Int32Array.from(rng.shuffle(range(8))));
        const kept = () => keptShare(tied) + (beside ? keptShare(other) : 0);
        const before = kept();
        const hasGained = swapChannels(space);
        const after = kept();
        if (hasGained) expect(after).toBeGreaterThan(before);
        else expect(after).toBe(before);
        const places = space.place.slice();
        for (const a of range(8))
          for (const b of range(a)) {
            const swapped = places.slice();
            [swapped[a], swapped[b]] = [places[b], places[a]];
            settle(space, swapped);
            expect(kept()).toBeLessThanOrEqual(after + 1e-9);
          }
      }),
    );
  });
});
