import { describe, expect, it } from "vitest";
import { askSection } from "../../../tests/support/ask-section.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import { Session } from "../../runtime/index.js";
import { full, Rng, type Tensor, tensor } from "../../tensor/index.js";
import { range } from "../../util/math.js";

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
  expect(layer).toMatchObject({ groups: 16, ms: { median: 1.6 }, path: "slow", fastest: 64 });
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
  const standing = sweep.configurations[0].counts.map(({ groups, rank, ties }) => [
    groups,
    rank,
    ties,
  ]);
  // 0.99 and 1.02 are a hair over 3 % of the shorter apart
  expect(standing.slice(0, 4)).toEqual([
    [1, 2, [2, 4]],
    [2, 1, [1, 4, 8]],
    [4, 1, [1, 2, 8]],
    [8, 1, [2, 4]],
  ]);
  expect(standing[4]).toEqual([16, 5, [32, 64]]); // four are faster
});

it("takes what is the neighbours' off every time", async () => {
  const { sweep } = await askSection({ groups: 16, ms: { 1: 8, 16: 1 }, fixedMs: 3 });
  const [{ counts, fixedMs, fixedMsSpread }] = sweep.configurations;
  expect(fixedMs).toBe(3);
  expect(fixedMsSpread).toEqual({ median: 3, low: 3, high: 3, samples: 1 });
  expect(counts[0].ms.median).toBeCloseTo(8, 12);
  expect(counts[4].measured).toBeCloseTo(8, 12); // 8 to 1, not 11 to 4
});

/** What `pack` promises, of operators that the exam once did not time. 12 channels in, 8 out, 4 groups. */
describe("two groups joined, with what stands for zero between them", () => {
  const [inChannels, outChannels, pixels] = [12, 8, 4];
  const codes = (shape: readonly number[], seed: number) =>
    tensor(
      new Rng(seed).uniform(shape, 1, 255).data.map((n) => Math.floor(n)),
      shape,
      "uint8",
    );

  /** Rows of `[groups, rows, columns, pixels]`: block b of a pair lies in half b of twice as many columns. */
  function join(weight: Tensor, groups: number, zeroOf: (row: number) => number): Tensor {
    const [first, columns] = weight.shape;
    const rows = first / groups;
    const data = range(first).flatMap((row) => {
      const half = Math.floor(row / rows) % 2;
      const own = range(columns * pixels).map((i) =>
        Number(weight.data[row * columns * pixels + i]),
      );
      const zeros = Array(columns * pixels).fill(zeroOf(row));
      return half === 0 ? [...own, ...zeros] : [...zeros, ...own];
    });
    return tensor(data, [first, 2 * columns, 2, 2], weight.dtype);
  }

  async function run(
    dtype: "uint8" | "float32",
    outType: "uint8" | "int32" | "float32",
    x: Tensor,
    write: (b: GraphBuilder) => Parameters<GraphBuilder["op"]>,
  ): Promise<number[]> {
    const model = newModel("packed");
    const b = new GraphBuilder(model.graph);
    b.input("x", x.shape, dtype);
    b.output(b.op(...write(b)), "y", { shape: [null, null, null, null], dtype: outType });
    const session = await Session.create(model);
    const { y } = await session.run({ x });
    await session.release();
    return Array.from(y.data as ArrayLike<number>);
  }

  it("is the same QLinearConv, whatever number stands for zero", async () => {
    const x = codes([1, inChannels, 5, 5], 1);
    const weight = codes([outChannels, inChannels / 4, 2, 2], 2);
    const zeros = range(outChannels).map((row) => 100 + 9 * row);
    const qlinear = (w: Tensor, group: number) =>
      run("uint8", "uint8", x, (b) => {
        const scale = b.scalar(0.05);
        const zero = b.constant(full([], 120, "uint8"));
        const scales = b.constant(full([outChannels], 0.02));
        const weightZeros = b.constant(tensor(zeros, [outChannels], "uint8"));
        const [data] = b.graph.inputs;
        const inputs = [data, scale, zero, b.constant(w), scales, weightZeros, b.scalar(1), zero];
        return ["QLinearConv", inputs, { group }];
      });
    const apart = await qlinear(weight, 4);
    expect(new Set(apart).size).toBeGreaterThan(10);
    expect(
      await qlinear(
        join(weight, 4, (row) => zeros[row]),
        2,
      ),
    ).toEqual(apart);
  });

  it("is the same ConvInteger", async () => {
    const x = codes([1, inChannels, 5, 5], 3);
    const weight = codes([outChannels, inChannels / 4, 2, 2], 4);
    const integer = (w: Tensor, group: number) =>
      run("uint8", "int32", x, (b) => {
        const zero = (value: number) => b.constant(full([], value, "uint8"));
        return ["ConvInteger", [b.graph.inputs[0], b.constant(w), zero(9), zero(131)], { group }];
      });
    const apart = await integer(weight, 4);
    expect(
      await integer(
        join(weight, 4, () => 131),
        2,
      ),
    ).toEqual(apart);
  });

  it("is the same ConvTranspose, whose weight is [C, M/G, ...]", async () => {
    const x = new Rng(5).normal([1, inChannels, 5, 5]);
    const weight = new Rng(6).normal([inChannels, outChannels / 4, 2, 2]);
    const transposed = (w: Tensor, group: number) =>
      run("float32", "float32", x, (b) => {
        const attributes = { group, strides: [2, 2], pads: [1, 0, 0, 1], output_padding: [1, 0] };
        return ["ConvTranspose", [b.graph.inputs[0], b.constant(w)], attributes];
      });
    const apart = await transposed(weight, 4);
    const joined = await transposed(
      join(weight, 4, () => 0),
      2,
    );
    expect(joined).toHaveLength(apart.length);
    for (const [i, value] of joined.entries()) expect(value).toBeCloseTo(apart[i], 5);
  });
});
