import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runNetwork } from "../../tests/support/run-model.js";
import { Conv2d } from "../nn/index.js";
import { allClose, Rng, type Tensor, tensor } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";
import { divisors, gcd } from "../util/math.js";
import { blockDiagonal, offDiagonal, regroup, ungroup } from "./regroup.js";

/** Weights of 1x1 kernels, `[M, C/G, 1, 1]`. */
function weightOf(rows: readonly (readonly number[])[]): Tensor<"float32"> {
  return tensor(rows.flat(), [rows.length, rows[0].length, 1, 1]);
}

/** Channels that two group counts divide, and those two. */
const regrouping = fc
  .tuple(fc.constantFrom(4, 6, 8, 12), fc.constantFrom(4, 6, 8, 12), fc.nat(99))
  .chain(([inChannels, outChannels, seed]) => {
    const groups = fc.constantFrom(...divisors(gcd(inChannels, outChannels)));
    return fc.record({
      inChannels: fc.constant(inChannels),
      outChannels: fc.constant(outChannels),
      seed: fc.constant(seed),
      from: groups,
      to: groups,
    });
  });

const dense = weightOf([
  [1, 2, 3, 4],
  [5, 6, 7, 8],
  [9, 10, 11, 12],
  [13, 14, 15, 16],
]);

describe("regroup", () => {
  it("cuts a dense weight into its diagonal blocks", () => {
    expect(blockDiagonal(dense, 2)).toEqual(
      weightOf([
        [1, 2],
        [5, 6],
        [11, 12],
        [15, 16],
      ]),
    );
    expect(offDiagonal(dense, 2)).toEqual(
      weightOf([
        [0, 0, 3, 4],
        [0, 0, 7, 8],
        [9, 10, 0, 0],
        [13, 14, 0, 0],
      ]),
    );
  });

  it("goes from groups to groups, to fewer and to ones that cross", () => {
    const three = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [6, 2]); // rows 0 and 1 have columns 0 and 1
    // 2 groups: rows 0 to 2 have columns 0 to 2, rows 3 to 5 columns 3 to 5.
    const two = [1, 2, 0, 3, 4, 0, 0, 0, 5, 8, 0, 0, 0, 9, 10, 0, 11, 12];
    expect(regroup(three, 3, 2)).toEqual(tensor(two, [6, 3]));
    // Row 2 loses column 3, row 3 column 2.
    expect([...offDiagonal(three, 2, 3).data]).toEqual([0, 0, 0, 0, 0, 6, 7, 0, 0, 0, 0, 0]);
  });

  it("moves whole kernels, of any type", () => {
    const halves = tensor(Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 2, 2], "float16");
    expect(blockDiagonal(halves, 2)).toEqual(
      tensor(Uint16Array.of(1, 2, 7, 8), [2, 1, 2], "float16"),
    );
  });

  it("loses nothing on the way to a dense weight and back", () => {
    fc.assert(
      fc.property(regrouping, ({ inChannels, outChannels, seed, from }) => {
        const weight = new Rng(seed).normal([outChannels, inChannels / from, 3]);
        expect(blockDiagonal(ungroup(weight, from), from)).toEqual(weight);
      }),
    );
  });

  it("is what the densely written way gives", () => {
    fc.assert(
      fc.property(regrouping, ({ inChannels, outChannels, seed, from, to }) => {
        const weight = new Rng(seed).normal([outChannels, inChannels / from, 2, 1]);
        expect(regroup(weight, from, to)).toEqual(blockDiagonal(ungroup(weight, from), to));
        const rest = ungroup(offDiagonal(weight, to, from), from);
        const kept = ungroup(regroup(weight, from, to), to);
        const both = kept.data.map((x, i) => x + rest.data[i]);
        expect(both).toEqual(ungroup(weight, from).data);
      }),
    );
  });

  it("is the same convolution for ONNX Runtime", async () => {
    const rng = new Rng(5);
    const input = rng.normal([2, 8, 5, 5]);
    const convolve = (groups: number, weight: Tensor<"float32">) => {
      const conv = new Conv2d(8, 12, 3, { groups, padding: 1, bias: false });
      conv.weight.value = weight;
      return runNetwork(conv, input);
    };
    const weight = rng.normal([12, 4, 3, 3]);
    const before = await convolve(2, weight);
    expect(allClose(await convolve(1, ungroup(weight, 2)), before, { atol: 1e-4 })).toBe(true);

    const kept = await convolve(4, regroup(weight, 2, 4));
    const dropped = await convolve(2, offDiagonal(weight, 4, 2));
    const both = tensor(
      kept.data.map((x, i) => x + dropped.data[i]),
      kept.shape,
    );
    expect(allClose(both, before, { atol: 1e-4 })).toBe(true);
    expect(allClose(kept, before, { atol: 1e-1 })).toBe(false);
  });

  it("refuses groups that do not divide, saying which would", () => {
    expect(() => blockDiagonal(dense, 3)).toThrow(
      new ShapeError(
        "regroup: groups=3 must divide inChannels=4 and outChannels=4; nearest valid: 2, 4",
      ),
    );
    expect(() => offDiagonal(dense, 2, 8)).toThrow(ShapeError);
    expect(() => ungroup(tensor([1, 2], [2]), 1)).toThrow("weight=[2] must be [M, C/G, ...kernel]");
    const packed = tensor(Uint8Array.of(0x21, 0x43), [2, 2], "uint4");
    expect(() => ungroup(packed, 2)).toThrow("elements of type uint4 do not stand one by one");
  });
});
