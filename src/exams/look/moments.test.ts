import { describe, expect, it } from "vitest";
import { Rng, tensor } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import { Moments } from "./moments.js";
import { clearTinyChannels } from "./observations.js";
import { blocksOf, Reducer } from "./statistics.js";

/** Sums of products about the mean, pair by pair in float64: what `Moments` comes to by blocks. */
function products(rows: readonly (readonly number[])[]): number[] {
  const centred = rows.map((row) => {
    const mean = sum(row) / row.length;
    return row.map((value) => value - mean);
  });
  return centred.flatMap((a, i) =>
    centred.slice(i).map((b) => a.reduce((total, value, k) => total + value * b[k], 0)),
  );
}

describe("every pair of channels once, whatever the blocks", () => {
  it.each([
    [5, 1],
    [192, 2],
    [288, 3],
    [384, 4],
    [480, 5],
    [768, 8],
  ])("%i channels in %i blocks", async (channels, blocks) => {
    expect(blocksOf(channels)).toBe(blocks);
    const [samples, positions] = [3, 5];
    const { data } = new Rng(7).normal([2, samples, channels, positions]);
    const reducer = new Reducer();
    const moments = new Moments(channels);
    const size = samples * channels * positions;
    for (const batch of range(2)) {
      const part = Float32Array.from(data.subarray(batch * size, (batch + 1) * size));
      const observations = reducer.join([tensor(part, [samples, channels, positions])]);
      moments.add(await reducer.reduce(observations));
    }
    await reducer.release();
    const rows = range(channels).map((c) =>
      [...data].filter((_, i) => Math.floor(i / positions) % channels === c),
    );
    const worst = products(rows).reduce(
      (most, value, at) => Math.max(most, Math.abs(value - moments.products[at])),
      0,
    );
    expect(moments.count).toBe(30);
    expect(worst).toBeLessThan(1e-4);
  });
});

it("clears channels whose squares float32 does not hold, and no others", () => {
  const data = Float32Array.of(1e-40, -1e-41, 1e-40, 1, 1e-20, 1e-40);
  clearTinyChannels({ data, samples: 1, channels: 3, positions: 2 });
  expect([...data]).toEqual([0, 0, ...Float32Array.of(1e-40, 1, 1e-20, 1e-40)]);
});
