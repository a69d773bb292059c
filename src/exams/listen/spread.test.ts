import { expect, it } from "vitest";
import { listenTo, smallNetwork, withWeights } from "../../../tests/support/listening.js";
import { Rng, tensor } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import type { Spread } from "../../util/statistics.js";
import { tensorData } from "../tensor-data.js";
import type { ListenSection } from "./section.js";

function uncapitalised<T extends string>(word: T): Uncapitalize<T> {
  return `${word[0].toLowerCase()}${word.slice(1)}` as Uncapitalize<T>;
}

function sdOf(numbers: readonly number[]): number {
  const mean = sum(numbers) / numbers.length;
  return Math.sqrt(sum(numbers.map((n) => (n - mean) ** 2)) / numbers.length);
}

it("has the quartiles of what each sample says when it is heard alone", async () => {
  const net = withWeights(smallNetwork());
  const numbers = new Rng(7).normal([5, 8, 5, 5]);
  const five = await listenTo(net, await tensorData(net, numbers, { batchSize: 2 }));
  const alone: ListenSection[] = [];
  for (const i of range(5)) {
    const one = tensor(numbers.data.slice(200 * i, 200 * (i + 1)), [1, 8, 5, 5]);
    alone.push(await listenTo(net, await tensorData(net, one)));
  }
  const expectSpread = (spread: Spread | null, each: readonly number[]) => {
    // Of five numbers in order the quartiles are the second and the fourth.
    const [, low, median, high] = each.toSorted((a, b) => a - b);
    expect(high / low - 1).toBeGreaterThan(1e-3);
    expect(spread).toEqual({
      low: expect.closeTo(low, 5),
      median: expect.closeTo(median, 5),
      high: expect.closeTo(high, 5),
      samples: 5,
    });
  };
  for (const [at, layer] of five.layers.entries()) {
    const own = alone.map(({ layers }) => layers[at]);
    expectSpread(
      layer.elasticitySpread,
      own.map(({ elasticity }) => elasticity),
    );
    expectSpread(
      layer.output.rmsSpread,
      own.map(({ output }) => output.rms),
    );
    expectSpread(
      layer.output.meanAbsSpread,
      own.map(({ output }) => output.meanAbs),
    );
    const { outputShareLeast, outputShareMost, ...perGroup } = layer.perGroup;
    for (const group of range(layer.groups)) {
      for (const size of ["OutputMeanAbs", "OutputRms", "ReadRms", "WrittenRms"] as const) {
        const each = own.map((one) => one.perGroup[uncapitalised(size)][group]);
        expect(sdOf(each)).toBeGreaterThan(1e-3 * each[0]);
        expect(perGroup[`sd${size}`]![group] / sdOf(each)).toBeCloseTo(1, 4);
      }
      const shares = own.map(({ perGroup }) => perGroup.outputShare![group]);
      expect(outputShareLeast![group]).toBeCloseTo(Math.min(...shares), 5);
      expect(outputShareMost![group]).toBeCloseTo(Math.max(...shares), 5);
    }
  }
  expectSpread(
    five.layers[0].ratioToNextSpread,
    alone.map(({ layers }) => layers[0].ratioToNext!),
  );
  expectSpread(
    five.inputs[0].rmsSpread,
    alone.map(({ inputs }) => inputs[0].rms),
  );
});

it("has the quartiles of the batches at weights", async () => {
  const net = withWeights(smallNetwork());
  const numbers = new Rng(7).normal([6, 8, 5, 5]);
  const six = await listenTo(net, await tensorData(net, numbers, { batchSize: 2 }));
  const batches: ListenSection[] = [];
  for (const i of range(3)) {
    const two = tensor(numbers.data.slice(400 * i, 400 * (i + 1)), [2, 8, 5, 5]);
    batches.push(await listenTo(net, await tensorData(net, two)));
  }
  const [layer] = six.layers;
  const of = (pick: (layer: ListenSection["layers"][number]) => number) =>
    batches.map(({ layers }) => pick(layers[0])).toSorted((a, b) => a - b);
  for (const [spread, [a, b, c]] of [
    [layer.weight.rmsSpread, of(({ weight }) => weight.rms)],
    [layer.weight.meanAbsSpread, of(({ weight }) => weight.meanAbs)],
    [layer.dense!.ratioSpread!, of(({ dense }) => dense!.ratio!)],
    [layer.dense!.withinRmsSpread!, of(({ dense }) => dense!.withinRms)],
    [layer.dense!.acrossRmsSpread!, of(({ dense }) => dense!.acrossRms)],
  ] as const) {
    expect(c / a - 1).toBeGreaterThan(1e-3);
    expect([spread.low, spread.median, spread.high, spread.samples]).toEqual([
      expect.closeTo((a + b) / 2, 6),
      expect.closeTo(b, 6),
      expect.closeTo((b + c) / 2, 6),
      3,
    ]);
  }
  const { perGroup } = layer;
  const least = of(({ perGroup }) => perGroup.weightShare![1])[0];
  expect(perGroup.weightShareLeast![1]).toBeCloseTo(least, 6);
  const sd = (size: "weightMeanAbs" | "weightRms") => sdOf(of(({ perGroup }) => perGroup[size][1]));
  expect(perGroup.sdWeightMeanAbs![1] / sd("weightMeanAbs")).toBeCloseTo(1, 4);
  expect(perGroup.sdWeightRms![1] / sd("weightRms")).toBeCloseTo(1, 4);
  const normalised = of(({ perGroup }) => perGroup.normalised[1]!);
  expect(normalised[2] / normalised[0]).toBeGreaterThan(1.001);
  expect(perGroup.normalisedLeast[1]).toBeCloseTo(normalised[0], 5);
  expect(perGroup.normalisedMost[1]).toBeCloseTo(normalised[2], 5);
  expect(batches[0].layers[0].perGroup.sdWeightRms).toBeNull();
});
