import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng, tensor } from "../tensor/index.js";
import { range, sum } from "../util/math.js";
import { keptEnergy, kernelEnergy } from "./kernel-energy.js";
import { permuteAxis } from "./permute-axis.js";
import { blockDiagonal, ungroup } from "./regroup.js";

describe("kernelEnergy", () => {
  it("sums squares over each kernel", () => {
    const weight = tensor([1, 2, 0, 3, -1, 1, 2, 2], [2, 2, 2]);
    // 1 + 4 = 5, 0 + 9 = 9; 1 + 1 = 2, 4 + 4 = 8
    expect([...kernelEnergy(weight).data]).toEqual([5, 9, 2, 8]);
  });

  it("sees a grouped weight as the dense one it stands for", () => {
    const weight = new Rng(1).normal([6, 2, 3, 3]);
    expect(kernelEnergy(weight, 3)).toEqual(kernelEnergy(ungroup(weight, 3)));
  });
});

describe("keptEnergy", () => {
  it("is the energy of the diagonal blocks", () => {
    const weight = tensor([1, 2, 3, 4], [2, 2, 1]);
    expect(keptEnergy(kernelEnergy(weight), 2)).toBe(1 + 16);
    expect(keptEnergy(kernelEnergy(weight), 2, { inputs: [1, 0] })).toBe(4 + 9);
    expect(keptEnergy(kernelEnergy(weight), 2, { inputs: [1, 0], outputs: [1, 0] })).toBe(1 + 16);
  });

  it("is that of the weight permuted and cut", () => {
    fc.assert(
      fc.property(fc.nat(999), fc.constantFrom(1, 2, 3, 6), (seed, groups) => {
        const rng = new Rng(seed);
        const weight = rng.normal([12, 6, 2]);
        const orders = { outputs: rng.shuffle(range(12)), inputs: rng.shuffle(range(6)) };
        const permuted = permuteAxis(permuteAxis(weight, 0, orders.outputs), 1, orders.inputs);
        const kept = sum(blockDiagonal(permuted, groups).data.map((x) => x * x));
        expect(keptEnergy(kernelEnergy(weight), groups, orders)).toBeCloseTo(kept, 4);
      }),
    );
  });

  it("refuses energies that are none", () => {
    const energy = { rows: 2, cols: 2, data: Float64Array.of(1, 2, Number.NaN, 4) };
    expect(() => keptEnergy(energy, 2)).toThrow("energy=NaN must be a number of at least 0");
    expect(() => keptEnergy({ ...energy, rows: 3 }, 1)).toThrow(
      "energy of 4 numbers must be rows=3 x cols=2",
    );
  });
});
