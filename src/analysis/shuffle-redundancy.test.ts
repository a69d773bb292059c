import { describe, expect, it } from "vitest";
import { runModel } from "../../tests/support/run-model.js";
import { type Model, parseModel, type Value } from "../graph/index.js";
import { type ArchitectureName, architectures, buildModel } from "../nn/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { inferShapes, type Shapes } from "../runtime/index.js";
import { Rng, type Tensor, tensor } from "../tensor/index.js";
import { product, range } from "../util/math.js";
import { foldsIntoReaders, keepsOrder, undoes } from "./shuffle-redundancy.js";
import { findShuffles, type Shuffle } from "./shuffles.js";

const dealOut = (g: GraphBuilder, x: Value, groups: number, channels: number) =>
  g.reshape(g.transpose(g.reshape(x, [0, groups, channels / groups, -1]), [0, 2, 1, 3]), [
    1,
    channels,
    4,
    4,
  ]);

describe("keepsOrder", () => {
  it.each([
    [1, true],
    [2, false],
    [4, false],
    [8, true],
  ])("groups=%d of 8 channels: %s", async (groups, expected) => {
    const { shuffles } = await shufflesOf((g, x) => dealOut(g, x, groups, 8));
    expect(shuffles.map(keepsOrder)).toEqual([expected]);
  });
});

describe("undoes", () => {
  /** `first` shuffles in 2 groups of 4, `second` in 4 groups of 2, with something between. */
  const pair = async (
    between: (g: GraphBuilder, x: Value) => Value,
    secondGroups = 4,
    alsoReads: (g: GraphBuilder, x: Value) => void = () => {},
  ) => {
    const { shuffles } = await shufflesOf((g, x) => {
      const first = dealOut(g, x, 2, 8);
      alsoReads(g, first);
      return g.op("Neg", [dealOut(g, between(g, first), secondGroups, 8)]);
    });
    expect(shuffles).toHaveLength(2);
    const [first, second] = shuffles;
    expect(undoes(first, second)).toBe(false);
    expect(undoes(first, first)).toBe(false);
    return undoes(second, first);
  };
  const returnIt = (g: GraphBuilder, x: Value) => g.output(g.op("Abs", [x]));
  const rows = (g: GraphBuilder) => g.constant(tensor(Float32Array.from(range(8)), [8, 1, 1]));

  it("sees [2, 4] dealt out and [4, 2] dealt back", async () => {
    expect(await pair((_, x) => x)).toBe(true);
    expect(await pair((g, x) => g.op("Identity", [x]))).toBe(true);
  });

  it("sees it through operators that work on each channel for itself", async () => {
    expect(await pair((g, x) => g.op("Relu", [x]))).toBe(true);
    expect(await pair((g, x) => g.op("Mul", [g.op("Sigmoid", [x]), rows(g)]))).toBe(true);
  });

  it("sees no undoing where the order comes out as another, or channels meet between", async () => {
    expect(await pair((_, x) => x, 2)).toBe(false); // [2, 4] twice: 0 4 1 5 ... -> 0 2 4 6 ...
    expect(await pair((g, x) => g.op("Softmax", [x], { axis: 1 }))).toBe(false);
    expect(await pair((g, x) => g.op("Conv", [x, weight(g, [8, 8, 1, 1])]))).toBe(false);
  });

  it("needs the first shuffle's order to be read by nothing else, unless the two touch", async () => {
    expect(await pair((g, x) => g.op("Relu", [x]), 4, returnIt)).toBe(false);
    expect(await pair((_, x) => x, 4, returnIt)).toBe(true);
  });

  it("leaves a pair of identities to keepsOrder", async () => {
    const { shuffles } = await shufflesOf((g, x) => dealOut(g, dealOut(g, x, 1, 8), 1, 8));
    expect(shuffles.map(keepsOrder)).toEqual([true, true]);
    expect(undoes(shuffles[1], shuffles[0])).toBe(false);
  });
});

describe("foldsIntoReaders", () => {
  const answers = async (readers: (g: GraphBuilder, x: Value) => Value) => {
    const { shuffles, shapes } = await shufflesOf((g, x) => readers(g, dealOut(g, x, 2, 8)));
    expect(shuffles).toHaveLength(1);
    return foldsIntoReaders(shuffles[0], shapes);
  };
  const conv = (g: GraphBuilder, x: Value, groups = 1) =>
    g.op("Conv", [x, weight(g, [8, 8 / groups, 1, 1])], { group: groups });

  it.each<[string, (g: GraphBuilder, x: Value) => Value]>([
    ["a dense convolution", (g, x) => conv(g, x)],
    [
      "a dense transposed convolution",
      (g, x) => g.op("ConvTranspose", [x, weight(g, [8, 4, 2, 2])]),
    ],
    ["two dense convolutions", (g, x) => g.op("Add", [conv(g, x), conv(g, g.op("Relu", [x]))])],
    ["a dense convolution behind a depthwise one", (g, x) => conv(g, conv(g, x, 8))],
    [
      "a dense convolution behind a depthwise one with two outputs a channel",
      (g, x) => {
        const pairs = g.op("Conv", [x, weight(g, [16, 1, 1, 1])], { group: 8 });
        return g.op("Conv", [pairs, weight(g, [8, 16, 1, 1])]);
      },
    ],
    [
      "a dense layer behind a global pooling",
      (g, x) =>
        g.op("Gemm", [g.op("Flatten", [g.op("GlobalAveragePool", [x])]), weight(g, [8, 5])]),
    ],
    [
      "a product with all features",
      (g, x) => g.op("MatMul", [g.op("Flatten", [x]), weight(g, [128, 5])]),
    ],
  ])("yes: %s", async (_, readers) => {
    expect(await answers(readers)).toBe(true);
  });

  it.each<[string, (g: GraphBuilder, x: Value) => Value]>([
    ["a grouped convolution", (g, x) => conv(g, x, 2)],
    ["a grouped convolution behind a depthwise one", (g, x) => conv(g, conv(g, x, 8), 4)],
    ["a dense convolution and a grouped one", (g, x) => g.op("Add", [conv(g, x), conv(g, x, 4)])],
    ["a dense convolution and a sum of residuals", (g, x) => g.op("Add", [conv(g, x), x])],
    ["the caller", (g, x) => g.op("Relu", [x])],
    [
      "a dense convolution and the caller",
      (g, x) => {
        g.output(x);
        return conv(g, x);
      },
    ],
    [
      "ShuffleNetV2's unit: half of the channels pass by a dense branch",
      (g, x) => {
        const [passing, rest] = g.ops("Split", [x, g.ints([4, 4])], { axis: 1 }, 2);
        const branch = g.op("Conv", [rest, weight(g, [4, 4, 1, 1])]);
        return g.op("Concat", [passing, branch], { axis: 1 });
      },
    ],
    [
      "a dense convolution behind a factor from other data",
      (g, x) => conv(g, g.op("Mul", [x, g.op("Sigmoid", [g.graph.inputs[0]])])),
    ],
    [
      "a sum with a product of other data",
      (g, x) => {
        const other = g.op("Flatten", [g.graph.inputs[0]]);
        return g.op("Gemm", [other, weight(g, [128, 128]), g.op("Flatten", [x])]);
      },
    ],
    [
      "a sum with a product of constants",
      (g, x) => g.op("Gemm", [weight(g, [1, 3]), weight(g, [3, 128]), g.op("Flatten", [x])]),
    ],
    [
      "a product of space, with the channels for a batch",
      (g, x) => g.op("MatMul", [g.reshape(x, [8, 16]), weight(g, [16, 5])]),
    ],
    [
      "a dense convolution after a constant has made the channels an axis of space",
      (g, x) => {
        const twice = g.op("Add", [x, weight(g, [1, 3, 1, 1, 1])]);
        return g.op("Conv", [twice, weight(g, [4, 3, 1, 1, 1])]);
      },
    ],
    [
      "a dense convolution after channels are resized",
      (g, x) => {
        const scales = g.constant(tensor(Float32Array.of(1, 2, 1, 1), [4]));
        const resized = g.op("Resize", [x, null, scales], { mode: "linear" });
        return g.op("Conv", [resized, weight(g, [4, 16, 1, 1])]);
      },
    ],
    [
      "a dense convolution behind a pooling that says where its maxima were",
      (g, x) => {
        const [pooled, places] = g.ops("MaxPool", [x], { kernel_shape: [2, 2] }, 2);
        g.output(places);
        return conv(g, pooled);
      },
    ],
    ["a product along the width", (g, x) => g.op("MatMul", [x, weight(g, [4, 5])])],
    ["a product with other data", (g, x) => g.op("MatMul", [x, g.op("Relu", [x])])],
    [
      "a transposed product",
      (g, x) => g.op("Gemm", [g.op("Flatten", [x]), weight(g, [1, 5])], { transA: 1 }),
    ],
    ["a convolution whose weight it is", (g, x) => g.op("Conv", [weight(g, [1, 8, 4, 4]), x])],
  ])("no: %s", async (_, readers) => {
    expect(await answers(readers)).toBe(false);
  });

  it("no: nothing at all", async () => {
    const model =
      parseModel(`g (float[1, 4, 2, 2] x) => (float[] y) <int64[4] order = {3, 1, 2, 0}> {
      y = Relu(x)
      unread = Gather<axis = 1>(x, order)
    }`);
    const { shuffles, shapes } = await findIn(model);
    expect(shuffles).toMatchObject([{ readers: [], isReturned: false }]);
    expect(foldsIntoReaders(shuffles[0], shapes)).toBe(false);
  });

  it("no: a body of control flow", async () => {
    const model =
      parseModel(`g (float[1, 4, 2, 2] x, bool c) => (float[] y) <int64[4] order = {3, 1, 2, 0}> {
      s = Gather<axis = 1>(x, order)
      y = If(c) <
        then_branch = a () => (float[1, 4, 2, 2] p) { p = Relu(s) },
        else_branch = b () => (float[1, 4, 2, 2] q) { q = Neg(s) }>
    }`);
    const { shuffles, shapes } = await findIn(model);
    expect(shuffles.map(({ readers }) => readers.map(({ op }) => op))).toEqual([["If"]]);
    expect(foldsIntoReaders(shuffles[0], shapes)).toBe(false);
  });

  it("means that constants in another order give the same numbers without the shuffle", async () => {
    const withShuffle = await foldedNetwork(null);
    expect(foldsIntoReaders(withShuffle.shuffles[0], withShuffle.shapes)).toBe(true);
    const folded = await foldedNetwork(withShuffle.shuffles[0].permutation);
    expect(folded.shuffles).toEqual([]);
    const input = wholeNumbers(new Rng(1), [1, 8, 4, 4]);
    const unfolded = await foldedNetwork(range(8)); // the shuffle left out, the constants as they were
    const results = [withShuffle, folded, unfolded].map(async ({ model }) => {
      return Object.values(await runModel(model, input)).map((output) => output.data);
    });
    const [expected, actual, wrong] = await Promise.all(results);
    expect(actual).toEqual(expected);
    expect(wrong[0]).not.toEqual(expected[0]);
    expect(wrong[1]).not.toEqual(expected[1]);
  });
});

describe("published networks", () => {
  const answers = async (name: ArchitectureName) => {
    const model = buildModel(architectures[name](), { inputShape: [1, 3, 64, 64] });
    const { shuffles, shapes } = await findIn(model);
    return shuffles.map((shuffle) => {
      expect(keepsOrder(shuffle)).toBe(false);
      expect(shuffles.some((other) => undoes(shuffle, other))).toBe(false);
      return foldsIntoReaders(shuffle, shapes);
    });
  };

  it("need every shuffle of ShuffleNetV1: a grouped convolution reads it", async () => {
    expect(await answers("shufflenet_v1_g3")).toEqual(Array(16).fill(false));
  });

  it("need the shuffles within ShuffleNetV2's stages, before a split; dense layers read the last of each", async () => {
    const stage = (units: number) => [...Array(units - 1).fill(false), true];
    expect(await answers("shufflenet_v2_x1_0")).toEqual([...stage(4), ...stage(8), ...stage(4)]);
  });
});

/**
 * Scale, depthwise convolution, batch norm, then a dense convolution and a dense layer. With
 * `permutation` there is no shuffle before them, and their constants stand in its order instead:
 * what belonged to the shuffled channel i belongs to channel permutation[i]. All numbers are small and
 * whole, so that sums come out the same in any order.
 */
async function foldedNetwork(permutation: readonly number[] | null) {
  const rng = new Rng(7);
  return shufflesOf((g, x) => {
    const constant = (shape: readonly number[], channelAxis: number) => {
      const numbers = wholeNumbers(rng, shape);
      return g.constant(permutation ? spread(numbers, channelAxis, permutation) : numbers);
    };
    const ones = g.constant(tensor(new Float32Array(8).fill(1), [8]));
    const shuffled = permutation ? x : dealOut(g, x, 2, 8);
    const scaled = g.op("Mul", [shuffled, constant([1, 8, 1, 1], 1)]);
    const depthwise = g.op("Conv", [scaled, constant([8, 1, 3, 3], 0), constant([8], 0)], {
      group: 8,
      pads: [1, 1, 1, 1],
    });
    const [scale, bias, mean] = range(3).map(() => constant([8], 0));
    const normed = g.op("BatchNormalization", [depthwise, scale, bias, mean, ones], {
      epsilon: { type: "float", value: 0 },
    });
    g.output(g.op("Conv", [g.op("Relu", [normed]), constant([6, 8, 1, 1], 1)]));
    const pooled = g.op("Flatten", [g.op("GlobalMaxPool", [normed])]);
    return g.op("Gemm", [pooled, constant([8, 3], 0)]);
  });
}

/** Slice i along `axis` goes to place `permutation[i]`. */
function spread(x: Tensor<"float32">, axis: number, permutation: readonly number[]) {
  const inner = product(x.shape.slice(axis + 1));
  const size = x.shape[axis];
  const data = new Float32Array(x.data.length);
  x.data.forEach((number, at) => {
    const [outer, i, k] = [
      Math.floor(at / (inner * size)),
      Math.floor(at / inner) % size,
      at % inner,
    ];
    data[(outer * size + permutation[i]) * inner + k] = number;
  });
  return tensor(data, x.shape);
}

function wholeNumbers(rng: Rng, shape: readonly number[]): Tensor<"float32"> {
  return tensor(
    Float32Array.from({ length: product(shape) }, () => rng.integer(-3, 4)),
    shape,
  );
}

function weight(g: GraphBuilder, shape: readonly number[]): Value {
  return g.constant(wholeNumbers(new Rng(3), shape));
}

async function shufflesOf(write: (g: GraphBuilder, x: Value) => Value) {
  const model = newModel("test");
  const g = new GraphBuilder(model.graph);
  const x = g.input("x", [1, 8, 4, 4]);
  g.output(write(g, x));
  return { model, ...(await findIn(model)) };
}

async function findIn(model: Model): Promise<{ shuffles: Shuffle[]; shapes: Shapes }> {
  const shapes = await inferShapes(model);
  return { shuffles: await findShuffles(model, shapes), shapes };
}
