import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import type { Model, Node, Value } from "../../graph/index.js";
import { encodeModel } from "../../onnx/index.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import { inferShapes, type Shapes } from "../../runtime/index.js";
import { Rng, tensor } from "../../tensor/index.js";
import { product, range } from "../../util/math.js";
import { foldIntegers } from "../integers.js";
import { AtomSets } from "./atom-sets.js";
import { alongAxis, expandTo, type Labels } from "./labels.js";
import { propagate, surveyTerrain } from "./terrain.js";

/**
 * The rules against brute force: change one channel of the input, run the graph in ONNX Runtime, and see
 * which elements of which values change. Operators that can hide a change (Relu, MaxPool) are left out;
 * they have the rule of an operator that is in.
 */

const CHANNELS = 8;
const SIZE = 4;
const INPUT = [1, CHANNELS, SIZE, SIZE];

/** Writes a few nodes after `x` [1, C, H, W] and says the new shape; null when it does not fit. */
type Step = (g: GraphBuilder, x: Value, shape: number[], rng: Rng, earlier: Seen[]) => Seen | null;
interface Seen {
  readonly value: Value;
  readonly shape: number[];
}

const steps: Readonly<Record<string, Step>> = {
  dense: (g, x, [n, c, h, w], rng) => ({
    value: convolve(g, x, rng, [6, c, 1, 1], 1),
    shape: [n, 6, h, w],
  }),
  grouped: (g, x, [n, c, h, w], rng) =>
    c % 2 === 0
      ? { value: convolve(g, x, rng, [c, c / 2, 3, 3], 2, [1, 1, 1, 1]), shape: [n, c, h, w] }
      : null,
  strided: (g, x, [n, c, h, w], rng) =>
    h >= 2
      ? {
          value: g.op("Conv", [x, weights(g, rng, [6, c, 3, 2])], {
            strides: [2, 1],
            dilations: [1, 2],
            pads: [1, 2, 0, 1],
          }),
          // (h + 1 + 0 - 3) / 2 + 1, and w + 2 + 1 - (2 * 1 + 1) + 1
          shape: [n, 6, Math.floor((h - 2) / 2) + 1, w + 1],
        }
      : null,
  depthwise: (g, x, [n, c, h, w], rng) => ({
    value: convolve(g, x, rng, [2 * c, 1, 1, 1], c),
    shape: [n, 2 * c, h, w],
  }),
  transposed: (g, x, [n, c, h, w], rng) =>
    c % 2 === 0
      ? {
          value: g.op("ConvTranspose", [x, weights(g, rng, [c, 3, 2, 2])], {
            group: 2,
            strides: [2, 2],
          }),
          shape: [n, 6, 2 * h, 2 * w],
        }
      : null,
  shuffle: (g, x, [n, c, h, w]) =>
    c % 2 === 0
      ? {
          value: g.reshape(g.transpose(g.reshape(x, [n, 2, c / 2, h, w]), [0, 2, 1, 3, 4]), [
            n,
            c,
            h,
            w,
          ]),
          shape: [n, c, h, w],
        }
      : null,
  flatShuffle: (g, x, [n, c, h, w]) =>
    c % 4 === 0
      ? {
          value: g.reshape(g.transpose(g.reshape(x, [4, c / 4, h * w]), [1, 0, 2]), [n, c, h, w]),
          shape: [n, c, h, w],
        }
      : null,
  splitAndSwap: (g, x, shape) => {
    if (shape[1] < 2) return null;
    const [first, rest] = [1, shape[1] - 1];
    const [a, b] = g.ops("Split", [x, g.ints([first, rest])], { axis: 1 }, 2);
    return {
      value: g.op("Concat", [b, g.op("Softsign", [a]), b], { axis: 1 }),
      shape: shape.with(1, 2 * rest + 1),
    };
  },
  slice: (g, x, shape) => {
    if (shape[1] < 3) return null;
    const value = g.op("Slice", [
      x,
      g.ints([-1]),
      g.ints([-shape[1] - 5]),
      g.ints([1]),
      g.ints([-2]),
    ]);
    return { value, shape: shape.with(1, Math.ceil(shape[1] / 2)) };
  },
  gather: (g, x, shape) => ({
    value: g.op("Gather", [x, g.ints([shape[1] - 1, 0, 0])], { axis: 1 }),
    shape: shape.with(1, 3),
  }),
  addEarlier: (g, x, shape, _rng, earlier) => {
    const same = earlier.find((seen) => String(seen.shape) === String(shape));
    return same ? { value: g.op("Add", [x, same.value]), shape } : null;
  },
  scaleByEarlier: (g, x, shape, _rng, earlier) => {
    const same = earlier.find((seen) => String(seen.shape) === String(shape));
    return same ? { value: g.op("Mul", [x, g.op("Sigmoid", [same.value])]), shape } : null;
  },
  squeezeExcite: (g, x, shape, rng) => {
    const pooled = g.op("GlobalAveragePool", [x]);
    const gate = g.op("Sigmoid", [convolve(g, pooled, rng, [shape[1], shape[1], 1, 1], 1)]);
    return { value: g.op("Mul", [x, gate]), shape };
  },
  channelAttention: (g, x, [n, c, h, w], rng) => {
    const pooled = g.reshape(g.op("ReduceMean", [x], { axes: [2, 3], keepdims: 1 }), [n, 1, c]);
    const near = g.op("Conv", [pooled, weights(g, rng, [1, 1, 3])], { pads: [1, 1] });
    return {
      value: g.op("Mul", [x, g.op("Sigmoid", [g.reshape(near, [n, c, 1, 1])])]),
      shape: [n, c, h, w],
    };
  },
  // Not with zeros: a later product with them would never change.
  padChannels: (g, x, shape) => ({
    value: g.op("Pad", [x, g.ints([0, 1, 0, 0, 0, 2, 0, 0]), g.scalar(0.3)], { mode: "constant" }),
    shape: shape.with(1, shape[1] + 3),
  }),
  reflectChannels: (g, x, shape) =>
    shape[1] > 2
      ? {
          value: g.op("Pad", [x, g.ints([0, 1, 0, 0, 0, 1, 0, 0])], { mode: "reflect" }),
          shape: shape.with(1, shape[1] + 2),
        }
      : null,
  averagePool: (g, x, shape) => ({
    value: g.op("AveragePool", [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    shape,
  }),
  resize: (g, x, [n, c, h, w]) => ({
    value: g.op("Resize", [x, null, g.constant(tensor(Float32Array.of(1, 1, 2, 2), [4]))], {}),
    shape: [n, c, 2 * h, 2 * w],
  }),
  depthToSpace: (g, x, [n, c, h, w]) =>
    c % 4 === 0
      ? { value: g.op("DepthToSpace", [x], { blocksize: 2 }), shape: [n, c / 4, 2 * h, 2 * w] }
      : null,
  depthToSpaceCrd: (g, x, [n, c, h, w]) =>
    c % 4 === 0
      ? {
          value: g.op("DepthToSpace", [x], { blocksize: 2, mode: "CRD" }),
          shape: [n, c / 4, 2 * h, 2 * w],
        }
      : null,
  spaceToDepth: (g, x, [n, c, h, w]) =>
    h % 2 === 0 && w % 2 === 0
      ? { value: g.op("SpaceToDepth", [x], { blocksize: 2 }), shape: [n, 4 * c, h / 2, w / 2] }
      : null,
  instanceNorm: (g, x, shape, rng) => {
    if (shape[2] * shape[3] === 1) return null;
    const any = weights(g, rng, [shape[1]]);
    const normed = g.op("InstanceNormalization", [x, any, any]);
    return { value: scaled(g, normed, rng, [1, shape[2], shape[3]]), shape };
  },
  batchNorm: (g, x, shape, rng) => {
    const positive = g.constant(
      tensor(
        Float32Array.from({ length: shape[1] }, () => 1),
        [shape[1]],
      ),
    );
    const any = weights(g, rng, [shape[1]]);
    return { value: g.op("BatchNormalization", [x, any, any, any, positive]), shape };
  },
  layerNorm: (g, x, [n, c, h, w], rng) => {
    if (c <= 2) return null;
    const last = g.transpose(x, [0, 2, 3, 1]);
    const normed = g.op("LayerNormalization", [last, weights(g, rng, [c])], { axis: -1 });
    return { value: g.transpose(normed, [0, 3, 1, 2]), shape: [n, c, h, w] };
  },
  softmax: (g, x, shape, rng) =>
    shape[1] > 1
      ? { value: scaled(g, g.op("Softmax", [x], { axis: 1 }), rng, [shape[1], 1, 1]), shape }
      : null,
  cumulate: (g, x, shape, rng) => ({
    value: scaled(g, g.op("CumSum", [x, g.ints([1])], { reverse: 1 }), rng, [shape[1], 1, 1]),
    shape,
  }),
  reduceChannels: (g, x, shape) => ({
    value: g.op("ReduceMean", [x], { axes: [1], keepdims: 1 }),
    shape: shape.with(1, 1),
  }),
  matMulSpace: (g, x, [n, c, h, w], rng) => ({
    value: g.reshape(
      g.op("MatMul", [g.reshape(x, [n, c, h * w]), weights(g, rng, [h * w, h * w])]),
      [n, c, h, w],
    ),
    shape: [n, c, h, w],
  }),
  matMulChannels: (g, x, [n, c, h, w], rng) => ({
    value: g.reshape(g.op("MatMul", [weights(g, rng, [5, c]), g.reshape(x, [n, c, h * w])]), [
      n,
      5,
      h,
      w,
    ]),
    shape: [n, 5, h, w],
  }),
  selfAttention: (g, x, [n, c, h, w], rng) => {
    const rows = g.reshape(x, [n, c, h * w]);
    // Queries other than keys: the product of a normalised channel with itself would never change.
    const queries = g.op("Mul", [rows, weights(g, rng, [1, 1, h * w])]);
    const scores = g.op("MatMul", [queries, g.transpose(rows, [0, 2, 1])]);
    const small = g.op("Mul", [scores, g.scalar(1 / (h * w))]);
    return {
      value: g.reshape(g.op("MatMul", [g.op("Softsign", [small]), rows]), [n, c, h, w]),
      shape: [n, c, h, w],
    };
  },
  flattenGemm: (g, x, [n, c, h, w], rng) => {
    const flat = g.op("Flatten", [x]);
    const dense = g.op("Gemm", [flat, weights(g, rng, [4, c * h * w])], { transB: 1 });
    return { value: g.reshape(dense, [n, 4, 1, 1]), shape: [n, 4, 1, 1] };
  },
  tile: (g, x, shape) =>
    shape[1] <= 8
      ? { value: g.op("Tile", [x, g.ints([1, 2, 1, 1])]), shape: shape.with(1, 2 * shape[1]) }
      : null,
  expand: (g, x, shape) =>
    shape[1] === 1
      ? { value: g.op("Expand", [x, g.ints([1, 3, 1, 1])]), shape: shape.with(1, 3) }
      : null,
};

describe("dependence rules", () => {
  it("say exactly which elements change, in random graphs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 2 ** 31 }),
        async (names, seed) => {
          await compareWithBruteForce(names, seed);
        },
      ),
      { numRuns: 300, seed: 20261123 },
    );
  });

  it.each(Object.keys(steps))("say exactly which elements change after %s", async (name) => {
    await compareWithBruteForce(["dense", "grouped", name], 1);
    await compareWithBruteForce([name], 2);
    await compareWithBruteForce(["reduceChannels", name, "depthwise"], 3);
  });

  it.each(["strided", "grouped", "averagePool"])(
    "say exactly where the window of %s looks, when places differ",
    async (name) => {
      await compareWithBruteForce(["depthToSpace", name], 4);
      await compareWithBruteForce(["depthToSpaceCrd", name, name], 5);
    },
  );
});

async function compareWithBruteForce(names: readonly string[], seed: number): Promise<void> {
  const { model, values } = build(names, new Rng(seed));
  if (values.length === 0) return; // no step fitted, and the runtime takes no graph without nodes
  const shapes = await inferShapes(model);
  const expected = await elementsThatChange(model, values, shapes);
  const actual = await elementsThatDepend(model, values, shapes);
  values.forEach((value, i) => {
    if (!actual[i]) return; // refused
    expect(
      actual[i],
      `${names.join(" -> ")} seed=${seed}: ${value.producer?.op} ${value.name}`,
    ).toEqual(expected[i]);
  });
}

function build(names: readonly string[], rng: Rng): { model: Model; values: Value[] } {
  const model = newModel("random");
  const g = new GraphBuilder(model.graph);
  const x = g.input("x", INPUT);
  const earlier: Seen[] = [{ value: x, shape: INPUT }];
  for (const name of names) {
    const { value, shape } = earlier.at(-1)!;
    const next = steps[name](g, value, shape, rng, earlier);
    if (next && product(next.shape) < 4096) earlier.push(next);
  }
  const values = model.graph.nodes
    .flatMap((node) => node.outputs)
    .filter((value) => value !== null);
  for (const value of values) g.output(value, undefined);
  return { model, values };
}

/** For each value, row by row, the channels whose change changes it. */
async function elementsThatChange(
  model: Model,
  values: readonly Value[],
  shapes: Shapes,
): Promise<number[][][]> {
  const session = await ort.InferenceSession.create(await encodeModel(model), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const run = async (data: Float32Array) => {
    const outputs = await session.run({ x: new ort.Tensor("float32", data, INPUT) });
    return values.map((value) => outputs[value.name].data as Float32Array);
  };
  const base = new Rng(7).normal(INPUT, 0, 0.3).data as Float32Array;
  const before = await run(base);
  const changes = before.map((data) => [...data].map((): number[] => []));
  for (const channel of range(CHANNELS)) {
    const changed = new Set<string>();
    for (const delta of [0.07, -0.13, 0.21, -0.37]) {
      const data = base.slice();
      // A different change at every place, so that no norm takes it out again.
      for (const k of range(SIZE * SIZE))
        data[channel * SIZE * SIZE + k] += delta * (2 + Math.sin(k + channel));
      const after = await run(data);
      after.forEach((numbers, v) => {
        numbers.forEach((number, k) => {
          if (number !== before[v][k] && !changed.has(`${v}:${k}`)) {
            changed.add(`${v}:${k}`);
            changes[v][k].push(channel);
          }
        });
      });
    }
  }
  await session.release();
  return changes.map((elements, v) => rows(elements, values[v], shapes));
}

/**
 * Elements along the last axis together: an effect so small that it is rounded away at one place (a gate
 * of a gate) is still seen at another.
 */
function rows(elements: readonly number[][], value: Value, shapes: Shapes): number[][] {
  const width = shapes.get(value)!.at(-1) ?? 1;
  return range(elements.length / width).map((row) => {
    const united = new Set(elements.slice(row * width, (row + 1) * width).flat());
    return [...united].sort((a, b) => a - b);
  });
}

async function elementsThatDepend(
  model: Model,
  values: readonly Value[],
  shapes: Shapes,
): Promise<(number[][] | null)[]> {
  const integers = await foldIntegers(model.graph, shapes);
  const gates = { nodes: new Set<never>(), gateInputs: new Map<never, number>() };
  const terrain = surveyTerrain(model.graph, model.opset, shapes, integers, gates, true);
  const sets = new AtomSets(CHANNELS + 1);
  const labels = new Map<Value, Labels>();
  const x = model.graph.inputs[0];
  labels.set(
    x,
    alongAxis(
      4,
      1,
      range(CHANNELS).map((c) => sets.singleton(c)),
    ),
  );
  const outside = sets.singleton(CHANNELS);
  const trail = { sets, labels, outside, toGain: (id: number) => id, start: terrain.graph };
  const refused = new Set<Value>();
  for (const node of terrain.order) {
    const isBehind = node.inputs.some((input) => input && refused.has(input));
    const outputs = isBehind ? null : propagate(node, terrain, trail);
    if (!outputs && !isBehind && !mayRefuse(node, labels))
      throw new Error(`no labels for ${node.op} ${node.label}`);
    node.outputs.forEach((output, i) => {
      const found = outputs?.[i];
      if (output && found) labels.set(output, found);
      else if (output) refused.add(output);
    });
  }
  return values.map((value) => {
    const found = labels.get(value);
    if (!found) return null;
    const full = expandTo(found, shapes.get(value)!);
    return rows(
      [...full!.ids].map((id) => sets.atoms(id)),
      value,
      shapes,
    );
  });
}

/** What enlarges is not followed where places differ already. */
function mayRefuse({ op, inputs }: Node, labels: ReadonlyMap<Value, Labels>): boolean {
  const placesDiffer =
    labels
      .get(inputs[0]!)
      ?.dims.slice(2)
      .some((size) => size > 1) ?? false;
  return placesDiffer && (op === "ConvTranspose" || op === "Resize");
}

function convolve(
  g: GraphBuilder,
  x: Value,
  rng: Rng,
  shape: number[],
  group: number,
  pads?: number[],
): Value {
  return g.op("Conv", [x, weights(g, rng, shape)], { group, pads });
}

/** Outputs with a fixed sum, or a common offset, would cancel in a later mean or norm; scaled ones do not. */
function scaled(g: GraphBuilder, x: Value, rng: Rng, shape: number[]): Value {
  return g.op("Mul", [x, weights(g, rng, shape)]);
}

function weights(g: GraphBuilder, rng: Rng, shape: number[]): Value {
  // Small enough that no Sigmoid or Softmax saturates, where a change would be rounded away.
  const fanIn = shape.length === 1 ? 1 : product(shape.slice(1));
  return g.constant(rng.normal(shape, 0, 1 / Math.sqrt(fanIn)));
}
