import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { runModel } from "../../tests/support/run-model.js";
import { type Model, parseModel, type Value } from "../graph/index.js";
import { architectures, buildModel } from "../nn/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { inferShapes, type Shapes } from "../runtime/index.js";
import { type Tensor, tensor } from "../tensor/index.js";
import { product, range } from "../util/math.js";
import { findShuffles } from "./shuffles.js";

const [N, C, H, W] = [2, 12, 3, 5];

/** Channel i of the output comes from here when [g, C/g] is read column by column. */
const dealt = (groups: number, channels = C) =>
  range(channels).map((i) => (i % groups) * (channels / groups) + Math.floor(i / groups));

interface Spelling {
  readonly write: (g: GraphBuilder, x: Value) => Value;
  readonly permutation: readonly number[];
}

/** One shuffle each, as exporters and authors write them. */
const spellings: Readonly<Record<string, Spelling>> = {
  "rank 5": {
    write: (g, x) =>
      g.reshape(g.transpose(g.reshape(x, [N, 3, 4, H, W]), [0, 2, 1, 3, 4]), [N, C, H, W]),
    permutation: dealt(3),
  },
  "rank 4, space flattened": {
    write: (g, x) =>
      g.reshape(g.transpose(g.reshape(x, [0, 4, 3, -1]), [0, 2, 1, 3]), [N, C, H, W]),
    permutation: dealt(4),
  },
  "rank 3, batch and channels in one": {
    // GSConv: [N*C/2, 2, H*W] -> [2, N*C/2, H*W] -> [2, N, C/2, H, W], its two parts joined.
    write: (g, x) => {
      const rows = g.transpose(g.reshape(x, [(N * C) / 2, 2, H * W]), [1, 0, 2]);
      const halves = g.reshape(rows, [2, -1, C / 2, H, W]);
      const part = (index: number) =>
        g.op("Gather", [halves, g.constant(tensor(BigInt64Array.of(BigInt(index)), []))], {
          axis: 0,
        });
      return g.op("Concat", [part(0), part(1)], { axis: 1 });
    },
    permutation: dealt(6), // even channels first: [C/2, 2] read column by column
  },
  "rank 6": {
    write: (g, x) =>
      g.reshape(g.transpose(g.reshape(x, [N, 2, 3, 2, H, W]), [0, 3, 2, 1, 4, 5]), [N, C, H, W]),
    // Output channel (a, b, c) of [2, 3, 2] is input channel (c, b, a).
    permutation: [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11],
  },
  "channels last": {
    write: (g, x) => {
      const last = g.transpose(x, [0, 2, 3, 1]);
      const moved = g.transpose(g.reshape(last, [N, H, W, 2, 6]), [0, 1, 2, 4, 3]);
      return g.transpose(g.reshape(moved, [N, H, W, C]), [0, 3, 1, 2]);
    },
    permutation: dealt(2),
  },
  "stacked halves": {
    write: (g, x) => {
      const halves = g.ops("Split", [x, g.ints([6, 6])], { axis: 1 }, 2);
      const rows = halves.map((half) => g.op("Unsqueeze", [half, g.ints([2])]));
      return g.reshape(g.op("Concat", rows, { axis: 2 }), [N, C, H, W]);
    },
    permutation: dealt(2),
  },
  gather: {
    write: (g, x) =>
      g.op("Gather", [x, g.ints([11, -11, 0, 2, 4, 3, 5, 10, 9, 8, 7, 6])], { axis: -3 }),
    permutation: [11, 1, 0, 2, 4, 3, 5, 10, 9, 8, 7, 6],
  },
  "split and concat": {
    write: (g, x) => {
      const [a, b, c] = g.ops("Split", [x, g.ints([2, 3, 7])], { axis: 1 }, 3);
      return g.op("Concat", [c, a, b], { axis: 1 });
    },
    permutation: [5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4],
  },
  "every second channel": {
    write: (g, x) => {
      const odd = g.op("Slice", [x, g.ints([1]), g.ints([2 ** 31]), g.ints([1]), g.ints([2])]);
      const even = g.op("Slice", [x, g.ints([0]), g.ints([C]), g.ints([1]), g.ints([2])]);
      return g.op("Concat", [odd, even], { axis: 1 });
    },
    permutation: [1, 3, 5, 7, 9, 11, 0, 2, 4, 6, 8, 10],
  },
  backwards: {
    write: (g, x) => g.op("Slice", [x, g.ints([-1]), g.ints([-100]), g.ints([1]), g.ints([-1])]),
    permutation: [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  },
};

const noShuffles: Readonly<
  Record<string, { shape?: readonly number[]; write: Spelling["write"] }>
> = {
  "a reshape and back": { write: (g, x) => g.reshape(g.reshape(x, [N, C, -1]), [N, C, H, W]) },
  "another layout and back": {
    write: (g, x) => g.transpose(g.transpose(x, [0, 2, 3, 1]), [0, 3, 1, 2]),
  },
  "a slice of everything": {
    write: (g, x) => g.op("Slice", [x, g.ints([0]), g.ints([C]), g.ints([1])]),
  },
  "height and width swapped": {
    shape: [1, C, 4, 4],
    write: (g, x) => g.transpose(x, [0, 1, 3, 2]),
  },
  "halves of the picture swapped": {
    shape: [1, C, 4, 4],
    write: (g, x) =>
      g.op("Concat", g.ops("Split", [x, g.ints([2, 2])], { axis: 2 }, 2).toReversed(), { axis: 2 }),
  },
  "the batch shuffled": {
    shape: [4, C, 2, 2],
    write: (g, x) =>
      g.reshape(g.transpose(g.reshape(x, [2, 2, C, 2, 2]), [1, 0, 2, 3, 4]), [4, C, 2, 2]),
  },
  "batch and channels swapped": {
    shape: [4, 4, 2, 2],
    write: (g, x) => g.transpose(x, [1, 0, 2, 3]),
  },
  "a channel taken twice": {
    write: (g, x) => g.op("Gather", [x, g.ints([0, 0, ...range(2, C)])], { axis: 1 }),
  },
  "channels lost": {
    write: (g, x) => g.op("Gather", [x, g.ints([1, 0])], { axis: 1 }),
  },
  "indices computed from data": {
    write: (g, x) => {
      const means = g.op("ReduceMean", [x], { axes: [0, 2, 3], keepdims: 0 });
      const [, order] = g.ops("TopK", [means, g.ints([C])], {}, 2);
      return g.op("Gather", [x, order], { axis: 1 });
    },
  },
  "a half changed on the way": {
    write: (g, x) => {
      const [a, b] = g.ops("Split", [x, g.ints([6, 6])], { axis: 1 }, 2);
      return g.op("Concat", [g.op("Relu", [b]), a], { axis: 1 });
    },
  },
  "a constant joined": {
    write: (g, x) => {
      const [a] = g.ops("Split", [x, g.ints([6, 6])], { axis: 1 }, 2);
      const ones = g.constant(tensor(new Float32Array(N * 6 * H * W), [N, 6, H, W]));
      return g.op("Concat", [ones, a], { axis: 1 });
    },
  },
  "pixels made of channels": {
    write: (g, x) => g.op("DepthToSpace", [x], { blocksize: 2 }),
  },
  "no moves at all": { write: (g, x) => g.op("Relu", [x]) },
};

describe("findShuffles", () => {
  it("finds one with its values quantised and dequantised on the way", async () => {
    const coded = (from: string, to: string) =>
      `${to}q = QuantizeLinear(${from}, s) ${to} = DequantizeLinear(${to}q, s)`;
    const model = parseModel(`g (float[1, 4, 2, 2] x) => (y)
      <float s = {0.1}, int64[5] apart = {1, 2, 2, 2, 2}, int64[4] whole = {1, 4, 2, 2}> {
        ${coded("x", "a")} b = Reshape(a, apart) ${coded("b", "c")}
        d = Transpose<perm = [0, 2, 1, 3, 4]>(c) ${coded("d", "e")} f = Reshape(e, whole) ${coded("f", "y")}
      }`);
    const [shuffle, ...others] = await findShuffles(model, await inferShapes(model));
    expect(others).toEqual([]);
    expect(shuffle).toMatchObject({ permutation: [0, 2, 1, 3] });
    expect([shuffle.input.name, shuffle.output.name]).toEqual(["a", "f"]);
  });

  it.each(Object.entries(spellings))("reads a shuffle spelled as %s", async (_, spelling) => {
    const { model, shuffles } = await shufflesOf((g, x) => [spelling.write(g, x)]);
    expect(shuffles).toMatchObject([
      {
        nodes: model.graph.nodes,
        input: model.graph.inputs[0],
        output: model.graph.outputs[0],
        permutation: spelling.permutation,
        readers: [],
        isReturned: true,
      },
    ]);
    // What the runtime makes of numbered elements is the same.
    const numbers = numbered([N, C, H, W]);
    const [moved] = Object.values(await runModel(model, numbers));
    expect(moved.data).toEqual(permuted(numbers, spelling.permutation));
  });

  it("lists each of several in a row", async () => {
    const names = fc.array(fc.constantFrom(...Object.keys(spellings)), {
      minLength: 2,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(names, async (list) => {
        const chain = list.map((name) => spellings[name]);
        const { model, shuffles } = await shufflesOf((g, x) => [
          chain.reduce((value, { write }) => write(g, value), x),
        ]);
        expect(shuffles.map(({ permutation }) => permutation)).toEqual(
          chain.map(({ permutation }) => permutation),
        );
        expect(shuffles.flatMap(({ nodes }) => nodes)).toEqual(model.graph.nodes);
        for (const [i, next] of shuffles.slice(1).entries()) {
          expect(next.input).toBe(shuffles[i].output);
          expect(new Set(shuffles[i].readers)).toEqual(new Set(next.input.consumers));
          expect(shuffles[i].isReturned).toBe(false);
        }
      }),
      { numRuns: 60, seed: 20261123 },
    );
  });

  it("takes any reshape, transpose and reshape for what the runtime makes of it", async () => {
    let pure = 0;
    const sizes = fc.record({
      before: fc.constantFrom([1], [2]),
      factors: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 3 }),
      after: fc.constantFrom([1, 1], [2, 2], [3, 2], [4]),
      seed: fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
      onlyChannels: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ before, factors, after, seed, onlyChannels }) => {
        fc.pre(product(factors) > 1);
        const shape = [...before, product(factors), ...after];
        const split = [...before, ...factors, ...after];
        const axes = range(split.length);
        const isFixed = (axis: number) => onlyChannels && (axis < 1 || axis > factors.length);
        const free = axes.filter((axis) => !isFixed(axis));
        const order = [...free].sort((a, b) => seed[a % 6] - seed[b % 6]);
        const perm = axes.map((axis) => (isFixed(axis) ? axis : order[free.indexOf(axis)]));
        const { model, shuffles } = await shufflesOf(
          (g, x) => [g.reshape(g.transpose(g.reshape(x, split), perm), shape)],
          shape,
        );
        const [moved] = Object.values(await runModel(model, numbered(shape)));
        const expected = orderOfChannels(numbered(shape), moved);
        expect(shuffles.map(({ permutation }) => permutation)).toEqual(expected ? [expected] : []);
        if (expected) pure++;
      }),
      { numRuns: 300, seed: 20261123 },
    );
    expect(pure).toBeGreaterThan(100);
    expect(pure).toBeLessThan(250);
  });

  it.each([
    ["one group", [0, 1, C, -1], [0, 2, 1, 3]],
    ["as many groups as channels", [0, C, 1, -1], [0, 2, 1, 3]],
    ["a transpose that moves nothing", [0, 3, 4, -1], [0, 1, 2, 3]],
  ])("lists a shuffle that changes nothing: %s", async (_, split, perm) => {
    const { shuffles } = await shufflesOf((g, x) => [
      g.reshape(g.transpose(g.reshape(x, split), perm), [N, C, H, W]),
    ]);
    expect(shuffles).toMatchObject([{ permutation: range(C), groups: null }]);
  });

  it.each<[string, Spelling["write"]]>([
    [
      "split and joined",
      (g, x) => g.op("Concat", g.ops("Split", [x, g.ints([5, 7])], { axis: 1 }, 2), { axis: 1 }),
    ],
    ["gathered", (g, x) => g.op("Gather", [x, g.ints(range(C))], { axis: 1 })],
  ])("lists channels %s in the same order", async (_, write) => {
    const { shuffles } = await shufflesOf((g, x) => [write(g, x)]);
    expect(shuffles).toMatchObject([{ permutation: range(C), groups: null }]);
  });

  it.each(Object.entries(noShuffles))("finds no shuffle in %s", async (_, { shape, write }) => {
    const { shuffles } = await shufflesOf((g, x) => [write(g, x)], shape);
    expect(shuffles).toEqual([]);
  });

  it("reads a shuffle of features without space", async () => {
    const { shuffles } = await shufflesOf(
      (g, x) => [g.reshape(g.transpose(g.reshape(x, [N, 2, 6]), [0, 2, 1]), [N, C])],
      [N, C],
    );
    expect(shuffles).toMatchObject([{ permutation: dealt(2), groups: 2 }]);
  });

  it("reads more channels than any list of bounds is long", async () => {
    const { shuffles } = await shufflesOf(
      (g, x) => [
        g.op("Gather", [x, g.constant(tensor(dealt(40, 2000), [2000], "int32"))], { axis: 1 }),
      ],
      [1, 2000, 1, 1],
    );
    expect(shuffles).toMatchObject([{ permutation: dealt(40, 2000), groups: 40 }]);
  });

  it("says the groups of a shuffle as ShuffleNet deals, and null for any other", async () => {
    const groupsOf = async (permutation: readonly number[]) =>
      (await shufflesOf((g, x) => [g.op("Gather", [x, g.ints(permutation)], { axis: 1 })]))
        .shuffles[0].groups;
    for (const groups of [2, 3, 4, 6]) expect(await groupsOf(dealt(groups))).toBe(groups);
    expect(await groupsOf(dealt(3).with(10, 11).with(11, 7))).toBeNull();
    expect(await groupsOf([1, 0, ...range(2, C)])).toBeNull();
    expect(await groupsOf([0, 5, ...range(1, 5), ...range(6, C)])).toBeNull();
  });

  it("keeps a shuffle whose inner values are read elsewhere, and says what reads its end", async () => {
    const { model, shuffles } = await shufflesOf((g, x) => {
      const [a, b] = g.ops("Split", [x, g.ints([6, 6])], { axis: 1 }, 2);
      const swapped = g.op("Relu", [g.op("Concat", [b, a], { axis: 1 })]);
      return [g.op("Softmax", [swapped], { axis: 1 }), g.op("Neg", [a])];
    });
    expect(shuffles).toHaveLength(1);
    expect(shuffles[0].nodes.map(({ op }) => op)).toEqual(["Split", "Concat"]);
    expect(shuffles[0].readers).toEqual(model.graph.nodes.filter(({ op }) => op === "Softmax"));
    expect(shuffles[0].isReturned).toBe(false);
  });

  it("finds nothing without shapes", async () => {
    const { model } = await shufflesOf((g, x) => [spellings["rank 5"].write(g, x)]);
    expect(await findShuffles(model, null)).toEqual([]);
  });

  it.each([
    ["shufflenet_v1_g3", 16, 3],
    ["shufflenet_v2_x1_0", 16, 2],
    ["resnext50_32x4d", 0, null],
    ["mobilenet_v2", 0, null],
  ] as const)("finds the shuffles of %s", async (name, count, groups) => {
    const model = buildModel(architectures[name](), { inputShape: [1, 3, 64, 64] });
    const shuffles = await findShuffles(model, await inferShapes(model));
    expect(shuffles).toHaveLength(count);
    for (const shuffle of shuffles) {
      expect(shuffle.groups).toBe(groups);
      expect(shuffle.permutation).toEqual(dealt(groups!, shuffle.permutation.length));
    }
  });

  const dealOutSmall = (g: GraphBuilder, x: Value) =>
    g.reshape(g.transpose(g.reshape(x, [1, 2, 4, -1]), [0, 2, 1, 3]), [1, 8, 2, 2]);
  const narrow = (g: GraphBuilder, x: Value) =>
    g.op("Slice", [x, g.ints([1]), g.ints([2000]), g.ints([3])]);

  it.each([
    ["shuffles", [1, 8, 2, 2], dealOutSmall],
    ["moves that lead nowhere", [1, 8, 1, 2000], narrow],
  ])("takes time in proportion to the number of %s", async (_, shape, write) => {
    const chains = new Map<number, { model: Model; shapes: Shapes }>();
    for (const layers of [100, 1600]) {
      const model = newModel("chain");
      const g = new GraphBuilder(model.graph);
      let x = g.input("x", shape);
      for (const _ of range(layers)) x = write(g, x);
      g.output(x);
      chains.set(layers, { model, shapes: await inferShapes(model) });
    }
    const ratio = await growth(100, (layers) => {
      const { model, shapes } = chains.get(layers)!;
      return () => findShuffles(model, shapes);
    });
    expect(ratio).toBeLessThan(LINEAR);
  });
});

async function shufflesOf(
  write: (g: GraphBuilder, x: Value) => readonly Value[],
  shape: readonly number[] = [N, C, H, W],
) {
  const model = newModel("test");
  const g = new GraphBuilder(model.graph);
  for (const output of write(g, g.input("x", shape))) g.output(output);
  return { model, shuffles: await findShuffles(model, await inferShapes(model)) };
}

/** Elements that are their own places. */
function numbered(shape: readonly number[]): Tensor<"float32"> {
  return tensor(Float32Array.from(range(product(shape))), shape);
}

function permuted(x: Tensor<"float32">, permutation: readonly number[]): Float32Array {
  const [batch, channels, ...rest] = x.shape;
  const area = product(rest);
  const result = new Float32Array(x.data.length);
  for (const n of range(batch))
    for (const [to, from] of permutation.entries())
      for (const k of range(area))
        result[(n * channels + to) * area + k] = x.data[(n * channels + from) * area + k];
  return result;
}

/** By brute force: the order of the channels of `x` that `y` has, if it is nothing but that. */
function orderOfChannels(x: Tensor<"float32">, y: Tensor<"float32">): number[] | null {
  const [, channels, ...rest] = x.shape;
  const firsts = range(channels).map((c) => y.data[c * product(rest)]);
  const permutation = firsts.map((first) => Math.floor(first / product(rest)));
  if (permutation.some((from) => from >= channels)) return null;
  return String(permuted(x, permutation)) === String(y.data) ? permutation : null;
}
