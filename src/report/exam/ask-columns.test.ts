import { expect, it } from "vitest";
import { askSection } from "../../../tests/support/ask-section.js";
import { spreadOf } from "../../util/statistics.js";
import {
  digits,
  fastestText,
  milliseconds,
  sparkline,
  sweepColumns,
  sweptLayers,
  sweptText,
} from "./ask-columns.js";

it("draws times on a logarithmic scale", () => {
  // Seven doublings, eight marks.
  expect(sparkline([1, 2, 4, 8, 16, 32, 64, 128])).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([10, 0.1])).toBe("█▁");
  expect(sparkline([3, 3])).toBe("▁▁");
});

it("gathers layers whose times are the same", async () => {
  const ask = await askSection({ groups: 8, ms: { 8: 2 } });
  const [layer] = ask.sweep.layers;
  const layers = [
    layer,
    { ...layer, name: "other" },
    { ...layer, name: "third", groups: 4, ms: spreadOf([9]) },
  ];
  const rows = sweptLayers({ ...ask, sweep: { ...ask.sweep, layers } });
  expect(rows.map(({ names }) => names)).toEqual([["third"], ["conv", "other"]]);
});

it("tells times that were kept from those of this run", async () => {
  const { sweep } = await askSection({ groups: 8, ms: { 8: 2 } });
  const [one] = sweep.configurations;
  const timed = { ...sweep, elapsedMs: 340, configurations: [one] };
  expect(sweptText(timed)).toBe("1 layer in 1 configuration in 0.3 s");
  const kept = [one, { ...one, fromCache: true }];
  expect(sweptText({ ...timed, configurations: kept })).toBe(
    "1 layer in 2 configurations, 1 of them timed before, in 0.3 s",
  );
});

it("names what cannot be told apart from the fastest", async () => {
  const text = async (ms: Record<number, number>) => {
    const [row] = sweptLayers(await askSection({ groups: 4, ms, otherMs: 8 }));
    return fastestText(row);
  };
  expect(await text({ 4: 2, 8: 1 })).toBe("8");
  expect(await text({ 4: 2, 8: 1, 16: 1.01 })).toBe("8 ≈ 16");
  expect(await text({ 1: 1, 2: 1, 4: 1, 8: 1 })).toBe("4 ≈ 1, 2, +1"); // none is faster than now
});

it("rounds to three digits", () => {
  expect([1234.5, 99.95, 1.2345, 0.0123].map(digits)).toEqual(["1235", "100", "1.23", "0.0123"]);
  expect([12.345, 0.12345, 0.0002].map(milliseconds)).toEqual(["12.3", "0.123", "< 0.001"]);
});

it("names kinds where a layer is no Conv of float32", async () => {
  const ask = await askSection({ groups: 8, ms: { 8: 2 } });
  const plain = sweptLayers(ask);
  const titles = sweepColumns(plain).map(({ title }) => title);
  expect(titles).not.toContain("kind");
  const [row] = plain;
  const configuration = {
    ...row.sweep.configuration,
    dataType: "uint8",
    weight: { dtype: "int8", source: "constant", scales: "channel" },
  } as const;
  const quantised = { ...row, sweep: { ...row.sweep, configuration } };
  const kind = sweepColumns([row, quantised])[2];
  expect([row, quantised].map(kind.text)).toEqual(["Conv", "Conv uint8 x int8"]);
  expect(sweepColumns([quantised])).toHaveLength(titles.length + 1);
});
