import { expect, it } from "vitest";
import { askSection } from "../../../tests/support/ask-section.js";

it("sets what counting promises beside what the clock says", async () => {
  const section = await askSection({
    groups: 16,
    ms: { 1: 8, 2: 4, 4: 2, 8: 1, 16: 1.6, 32: 1.2, 64: 0.4 },
  });
  const [curve] = section.sweep.configurations;
  expect(curve.counts.map(({ groups, channelsPerGroup }) => [groups, channelsPerGroup])).toEqual([
    [1, 64],
    [2, 32],
    [4, 16],
    [8, 8],
    [16, 4],
    [32, 2],
    [64, 1],
  ]);
  // 8 x 8 positions, 3 x 3 window, 64 outputs of 64 / G inputs
  expect(curve.counts[0].macs).toBe(64 * 9 * 64 * 64);
  expect(curve.counts[4].macs).toBe(64 * 9 * 64 * 4);
  expect(curve.counts[4]).toMatchObject({ promised: 16, measured: 5, path: "slow" });
  expect(curve.counts[3]).toMatchObject({ promised: 8, measured: 8, path: "fast" });

  const [layer] = section.sweep.layers;
  expect(layer).toMatchObject({ groups: 16, ms: 1.6, path: "slow", fastest: 64 });
  // the count with the fewest operations that is no slower than 1.6 ms
  expect(layer.cheapestNotSlower).toBe(64);
  expect(layer.choices.map(({ groups, way, verdict }) => `${groups} ${way} ${verdict}`)).toEqual([
    "1 pack slower",
    "2 pack slower",
    "4 pack slower",
    "8 pack faster",
    "16 keep same",
    "32 retrain faster",
    "64 retrain faster",
  ]);
});

it("keeps a layer as it is when nothing is faster by more than the noise", async () => {
  const { sweep } = await askSection({
    groups: 4,
    ms: { 1: 1.02, 2: 1.01, 4: 1, 8: 0.99 },
    otherMs: 2,
  });
  const [layer] = sweep.layers;
  expect(layer.fastest).toBe(4);
  expect(layer.cheapestNotSlower).toBe(8); // as fast, with half the operations
});

it("takes what is the neighbours' off every time", async () => {
  const { sweep } = await askSection({ groups: 16, ms: { 1: 8, 16: 1 }, fixedMs: 3 });
  const [{ counts, fixedMs }] = sweep.configurations;
  expect(fixedMs).toBe(3);
  expect(counts[0].ms.median).toBeCloseTo(8, 12);
  expect(counts[4].measured).toBeCloseTo(8, 12); // 8 to 1, not 11 to 4
});
