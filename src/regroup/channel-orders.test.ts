import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";
import { range, sum } from "../util/math.js";
import {
  type ChannelRun,
  channelOrders,
  type GroupingLayer,
  layerChannelOrders,
} from "./channel-orders.js";
import { type KernelEnergy, keptEnergy, kernelEnergy } from "./kernel-energy.js";

function permutations(size: number): number[][] {
  if (size === 0) return [[]];
  return permutations(size - 1).flatMap((rest) =>
    range(size).map((at) => [...rest.slice(0, at), size - 1, ...rest.slice(at)]),
  );
}

function matrixOf(rows: number, cols: number, kernel: (row: number, col: number) => number) {
  const data = Float64Array.from(range(rows * cols), (i) => kernel(Math.floor(i / cols), i % cols));
  return { rows, cols, data };
}

const total = ({ data }: KernelEnergy) => sum(data);
const run = (size: number, pinned = false): ChannelRun => ({ size, pinned });

/** A layer's energy kept by the orders of its spaces, computed from scratch. */
function keptBy(layer: GroupingLayer, orders: ReadonlyMap<ChannelRun, readonly number[]>): number {
  const orderOf = (runs: readonly ChannelRun[]) => {
    const whole: number[] = [];
    for (const part of runs) {
      const offset = whole.length;
      whole.push(...orders.get(part)!.map((channel) => offset + channel));
    }
    return whole;
  };
  const { energy, groups, inputs, outputs } = layer;
  const kept = keptEnergy(energy, groups, { inputs: orderOf(inputs), outputs: orderOf(outputs) });
  return total(energy) === 0 ? 0 : kept / total(energy);
}

/** Energy in the diagonal blocks of hidden orders, and a little everywhere. */
function planted(
  rng: Rng,
  groups: number,
  outputs: readonly number[],
  inputs: readonly number[],
  noise: number,
): KernelEnergy {
  const [rows, cols] = [outputs.length, inputs.length];
  return matrixOf(rows, cols, (row, col) => {
    const isKept =
      Math.floor((outputs[row] * groups) / rows) === Math.floor((inputs[col] * groups) / cols);
    return isKept ? 0.5 + rng.float() : noise * rng.float();
  });
}

describe("layerChannelOrders", () => {
  it("finds what a picture shows", () => {
    // Outputs 0 and 2 read inputs 1 and 2, outputs 1 and 3 inputs 0 and 3.
    const energy = matrixOf(4, 4, (row, col) =>
      (row % 2 === 0) === (col === 1 || col === 2) ? 1 : 0,
    );
    const found = layerChannelOrders(energy, 2);
    expect(found).toMatchObject({ keptBefore: 0.5, keptAfter: 1 });
    expect([found.outputs.slice(0, 2), found.outputs.slice(2)].sort()).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it("reaches the best of all orders on small weights", () => {
    const cases: [number, number, number][] = [
      [4, 4, 2],
      [6, 4, 2],
      [3, 6, 3],
    ];
    for (const [rows, cols, groups] of cases)
      for (const seed of range(6)) {
        const energy = kernelEnergy(new Rng(seed).normal([rows, cols, 2]));
        let best = 0;
        for (const outputs of permutations(rows))
          for (const inputs of permutations(cols))
            best = Math.max(best, keptEnergy(energy, groups, { outputs, inputs }));
        expect(layerChannelOrders(energy, groups, { starts: 32 }).keptAfter).toBeCloseTo(
          best / total(energy),
          9,
        );
      }
  });

  it.each([
    [16, 16, 4, 0],
    [64, 32, 8, 0.1],
    [128, 128, 8, 0.25],
    [96, 96, 32, 0.1],
    [64, 64, 64, 0.1],
  ])(
    "recovers blocks planted in [%i, %i] with %i groups, noise %d",
    (rows, cols, groups, noise) => {
      const rng = new Rng(rows + groups);
      const hidden = { outputs: rng.shuffle(range(rows)), inputs: rng.shuffle(range(cols)) };
      const energy = planted(rng, groups, hidden.outputs, hidden.inputs, noise);
      // Place i of the answer has the channel that stands i-th in the hidden order.
      const inverse = (places: readonly number[]) =>
        range(places.length).map((place) => places.indexOf(place));
      const answer = { outputs: inverse(hidden.outputs), inputs: inverse(hidden.inputs) };
      const found = layerChannelOrders(energy, groups);
      expect(found.keptAfter).toBeCloseTo(keptEnergy(energy, groups, answer) / total(energy), 9);
    },
  );

  it("leaves alone what cannot be bettered", () => {
    const energy = planted(new Rng(0), 4, range(16), range(16), 0);
    const found = layerChannelOrders(energy, 4);
    expect(found).toEqual({ inputs: range(16), outputs: range(16), keptBefore: 1, keptAfter: 1 });
    const nothing = layerChannelOrders(
      matrixOf(4, 4, () => 0),
      2,
    );
    expect(nothing).toMatchObject({ inputs: range(4), keptBefore: 0, keptAfter: 0 });
  });

  it("gives the same for the same seed", () => {
    const energy = kernelEnergy(new Rng(3).normal([24, 24, 3]));
    expect(layerChannelOrders(energy, 4, { seed: 7 })).toEqual(
      layerChannelOrders(energy, 4, { seed: 7 }),
    );
  });
});

describe("channelOrders", () => {
  it("recovers blocks planted along a chain, the image's channels staying as they are", () => {
    const rng = new Rng(11);
    const spaces = [run(8, true), run(32), run(32), run(16), run(16)];
    const hidden = spaces.map(({ size, pinned }) =>
      pinned ? range(size) : rng.shuffle(range(size)),
    );
    const layers = range(4).map((i): GroupingLayer => {
      const groups = [4, 8, 4, 4][i];
      const energy = planted(rng, groups, hidden[i + 1], hidden[i], 0.05);
      return { energy, groups, inputs: [spaces[i]], outputs: [spaces[i + 1]] };
    });
    const found = channelOrders(layers);
    const clean = layers.map(({ energy, groups }, i) =>
      keptBy(
        { energy, groups, inputs: [spaces[i]], outputs: [spaces[i + 1]] },
        new Map(
          spaces.map((space, s) => [space, range(space.size).map((p) => hidden[s].indexOf(p))]),
        ),
      ),
    );
    expect(sum(found.keptAfter)).toBeGreaterThanOrEqual(sum(clean) - 1e-9);
    expect(found.orders.get(spaces[0])).toEqual(range(8));
  });

  it("recovers blocks of layers around a residual, which read and write one space", () => {
    const rng = new Rng(2);
    const stream = run(32);
    const hidden = rng.shuffle(range(32));
    const layers = range(3).map(
      (): GroupingLayer => ({
        energy: planted(rng, 4, hidden, hidden, 0.2),
        groups: 4,
        inputs: [stream],
        outputs: [stream],
      }),
    );
    const answer = new Map([[stream, range(32).map((place) => hidden.indexOf(place))]]);
    const found = channelOrders(layers);
    for (const [i, layer] of layers.entries())
      expect(found.keptAfter[i]).toBeCloseTo(keptBy(layer, answer), 9);
  });

  it("reaches the best of all orders where one space is on both sides", () => {
    for (const seed of range(8)) {
      const space = run(6);
      const energy = kernelEnergy(new Rng(seed).normal([6, 6, 1]));
      const layer = { energy, groups: 3, inputs: [space], outputs: [space] };
      const best = Math.max(
        ...permutations(6).map((order) => keptEnergy(energy, 3, { inputs: order, outputs: order })),
      );
      expect(channelOrders([layer]).keptAfter[0]).toBeCloseTo(best / total(energy), 9);
    }
  });

  it("ends where no two channels of such a space could trade places to advantage", () => {
    for (const seed of range(8)) {
      const space = run(12);
      const energy = kernelEnergy(new Rng(seed).normal([12, 12, 1]));
      const layer = { energy, groups: 3, inputs: [space], outputs: [space] };
      const { orders, keptAfter } = channelOrders([layer], { starts: 0 });
      for (const a of range(12))
        for (const b of range(a)) {
          const order = orders.get(space)!;
          const traded = order.with(a, order[b]).with(b, order[a]);
          expect(keptBy(layer, new Map([[space, traded]]))).toBeLessThan(keptAfter[0] + 1e-9);
        }
    }
  });

  it("orders the parts of a concatenation each by itself", () => {
    const rng = new Rng(4);
    const [left, right, out] = [run(8), run(8), run(8)];
    const hidden = [...rng.shuffle(range(8)), ...rng.shuffle(range(8)).map((c) => c + 8)];
    const layer = {
      energy: planted(rng, 4, rng.shuffle(range(8)), hidden, 0),
      groups: 4,
      inputs: [left, right],
      outputs: [out],
    };
    const { orders, keptAfter } = channelOrders([layer]);
    expect(keptAfter[0]).toBeCloseTo(1, 9);
    expect([...orders.get(right)!].sort((a, b) => a - b)).toEqual(range(8));
  });

  it("never keeps less than the order as it is, and keeps what it says", () => {
    const network = fc.record({
      seed: fc.nat(9999),
      // Spaces of 12 channels; layers from any to any, in groups that may cut differently.
      pinned: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      layers: fc.array(
        fc.record({
          inputs: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
          outputs: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
          groups: fc.constantFrom(1, 2, 3, 4, 6, 12),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    });
    fc.assert(
      fc.property(network, ({ seed, pinned, layers }) => {
        const rng = new Rng(seed);
        const spaces = pinned.map((isPinned) => run(12, isPinned));
        const given = layers.map(
          ({ inputs, outputs, groups }): GroupingLayer => ({
            energy: kernelEnergy(rng.normal([12 * outputs.length, 12 * inputs.length])),
            groups,
            inputs: inputs.map((i) => spaces[i]),
            outputs: outputs.map((i) => spaces[i]),
          }),
        );
        const { orders, keptBefore, keptAfter } = channelOrders(given, { starts: 2 });
        const identity = new Map(spaces.map((space) => [space, range(12)]));
        for (const [i, layer] of given.entries()) {
          expect(keptBefore[i]).toBeCloseTo(keptBy(layer, identity), 9);
          expect(keptAfter[i]).toBeCloseTo(keptBy(layer, orders), 9);
        }
        expect(sum(keptAfter)).toBeGreaterThanOrEqual(sum(keptBefore));
        for (const [space, order] of orders) {
          expect([...order].sort((a, b) => a - b)).toEqual(range(12));
          if (space.pinned) expect(order).toEqual(range(12));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("refuses spaces and groups that do not fit a layer", () => {
    const energy = matrixOf(4, 4, () => 1);
    const [four, six] = [run(4), run(6)];
    expect(() => channelOrders([{ energy, groups: 2, inputs: [six], outputs: [four] }])).toThrow(
      new ShapeError("channelOrders: inputs of 6 channels in all must be the layer's 4"),
    );
    expect(() => channelOrders([{ energy, groups: 3, inputs: [four], outputs: [four] }])).toThrow(
      "groups=3 must divide inChannels=4 and outChannels=4; nearest valid: 2, 4",
    );
  });
});
