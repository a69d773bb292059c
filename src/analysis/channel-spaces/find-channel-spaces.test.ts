import { describe, expect, it } from "vitest";
import { difference, otherOrders } from "../../../tests/support/channel-orders.js";
import { runModel } from "../../../tests/support/run-model.js";
import { Graph, type Model, type Value } from "../../graph/index.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import { Rng, tensor } from "../../tensor/index.js";
import { findChannelSpaces } from "./find-channel-spaces.js";
import { permuteChannels } from "./permute-channels.js";

interface Case {
  /** Shape of the input; `[2, 3, 6, 6]` by default. */
  readonly shape?: readonly number[];
  /** Sizes of the free spaces. */
  readonly free: readonly number[];
  readonly write: (g: GraphBuilder, x: Value, w: (...shape: number[]) => Value) => Value;
}

const conv = (g: GraphBuilder, x: Value, w: Value, group = 1) => g.op("Conv", [x, w], { group });

const cases: Record<string, Case> = {
  "one layer: its output is the model's": {
    free: [],
    write: (g, x, w) => conv(g, x, w(4, 3, 3, 3)),
  },
  "two layers and a bias": {
    free: [4],
    write: (g, x, w) => conv(g, g.op("Conv", [x, w(4, 3, 3, 3), w(4)]), w(5, 4, 1, 1)),
  },
  "a residual: three layers, one space, one inside": {
    free: [4, 6],
    write: (g, x, w) => {
      const stream = conv(g, x, w(4, 3, 1, 1));
      const body = conv(g, g.op("Relu", [conv(g, stream, w(6, 4, 1, 1))]), w(4, 6, 1, 1));
      return conv(g, g.op("Add", [body, stream]), w(5, 4, 1, 1));
    },
  },
  "constants beside the channels, in every way they broadcast": {
    free: [4],
    write: (g, x, w) => {
      const y = conv(g, x, w(4, 3, 1, 1));
      const scaled = g.op("Mul", [w(4, 1, 1), g.op("Add", [y, w(1, 4, 1, 1)])]);
      const sloped = g.op("PRelu", [g.op("Sub", [scaled, w(6)]), w(4, 1, 1)]);
      return conv(g, g.op("Div", [sloped, w(1, 1, 1)]), w(5, 4, 1, 1));
    },
  },
  "a constant that is one number a channel and row": {
    free: [4],
    write: (g, x, w) =>
      conv(g, g.op("Mul", [conv(g, x, w(4, 3, 1, 1)), w(4, 6, 1)]), w(5, 4, 1, 1)),
  },
  "depthwise keeps the space; a multiplier makes neighbours": {
    free: [4],
    write: (g, x, w) => {
      const same = conv(g, conv(g, x, w(4, 3, 1, 1)), w(4, 1, 3, 3), 4);
      const twice = conv(g, same, w(8, 1, 3, 3), 4);
      return conv(g, twice, w(5, 8, 1, 1));
    },
  },
  "grouped: the channels of each group, on both sides": {
    free: [3, 3, 4, 4],
    write: (g, x, w) => {
      const y = conv(g, conv(g, x, w(6, 3, 1, 1)), w(8, 3, 3, 3), 2);
      return conv(g, g.op("Relu", [y]), w(5, 8, 1, 1));
    },
  },
  "groups that cut one space differently": {
    // The space that both read is cut at 2, 3 and 4; what each of them writes, in 2 and in 3.
    free: [2, 2, 3, 3, 2, 2, 2],
    write: (g, x, w) => {
      const y = conv(g, x, w(6, 3, 1, 1));
      const two = conv(g, conv(g, y, w(6, 3, 1, 1), 2), w(5, 6, 1, 1));
      const three = conv(g, conv(g, y, w(6, 2, 1, 1), 3), w(5, 6, 1, 1));
      return g.op("Add", [two, three]);
    },
  },
  "ConvTranspose: dense, grouped, depthwise": {
    free: [3, 3, 2, 2],
    write: (g, x, w) => {
      const dense = g.op("ConvTranspose", [x, w(3, 6, 2, 2), w(6)]);
      const depthwise = g.op("ConvTranspose", [dense, w(6, 1, 2, 2), w(6)], { group: 6 });
      const grouped = g.op("ConvTranspose", [depthwise, w(6, 2, 2, 2), w(4)], { group: 2 });
      return conv(g, grouped, w(5, 4, 1, 1));
    },
  },
  "a concatenation, split again at another place": {
    free: [3, 2], // cut at 3 and at 4: a channel by itself has no order
    write: (g, x, w) => {
      const parts = [conv(g, x, w(3, 3, 1, 1)), conv(g, x, w(3, 3, 1, 1))];
      const joined = g.op("Concat", parts, { axis: 1 });
      const [left, right] = g.ops("Split", [joined, g.ints([4, 2])], { axis: 1 }, 2);
      return g.op("Add", [conv(g, left, w(5, 4, 1, 1)), conv(g, right, w(5, 2, 1, 1))]);
    },
  },
  "a run of channels cut out, rows too": {
    free: [3, 3],
    write: (g, x, w) => {
      const y = conv(g, x, w(6, 3, 1, 1));
      const run = g.op("Slice", [y, g.ints([0, 1]), g.ints([-3, 5]), g.ints([1, 2])]);
      const joined = conv(g, y, w(5, 6, 1, 1));
      return g.op("Add", [
        g.op("ReduceMean", [conv(g, run, w(5, 3, 1, 1))], { axes: [2, 3] }),
        joined,
      ]);
    },
  },
  "flattened: each channel is a run of columns": {
    free: [4, 7],
    write: (g, x, w) => {
      const flat = g.op("Flatten", [conv(g, x, w(4, 3, 1, 1))]);
      const hidden = g.op("Gemm", [flat, w(7, 4 * 36), w(7)], { transB: 1 });
      return g.op("Gemm", [g.op("Relu", [hidden]), w(7, 5)]);
    },
  },
  "flattened by Reshape, read by MatMul and Add": {
    free: [4, 7],
    write: (g, x, w) => {
      const flat = g.reshape(conv(g, x, w(4, 3, 1, 1)), [0, -1]);
      const hidden = g.op("Add", [g.op("MatMul", [flat, w(4 * 36, 7)]), w(7)]);
      return g.op("MatMul", [hidden, w(7, 5)]);
    },
  },
  "pooled over space, then squeezed; a gate of another space": {
    free: [4, 2],
    write: (g, x, w) => {
      const y = g.op("MaxPool", [conv(g, x, w(4, 3, 1, 1))], { kernel_shape: [2, 2] });
      const pooled = g.op("ReduceMean", [y], { axes: [2, 3], keepdims: 1 });
      const gate = conv(g, g.op("Tanh", [conv(g, pooled, w(2, 4, 1, 1))]), w(4, 2, 1, 1));
      const gated = g.op("Mul", [y, g.op("Sigmoid", [gate])]);
      const vector = g.op("Squeeze", [g.op("GlobalAveragePool", [gated]), g.ints([2, 3])]);
      return g.op("Gemm", [vector, w(4, 5)]);
    },
  },
  "norms: batch, instance, and layer with channels last": {
    free: [4],
    write: (g, x, w) => {
      const y = conv(g, x, w(4, 3, 1, 1));
      const instance = g.op("InstanceNormalization", [y, w(4), w(4)]);
      const last = g.transpose(instance, [0, 2, 3, 1]);
      const normed = g.op("LayerNormalization", [last, w(4), w(4)]);
      const hidden = g.op("MatMul", [normed, w(4, 4)]); // another space of 4 ...
      const back = g.transpose(g.op("Add", [hidden, last]), [0, 3, 1, 2]); // ... which this makes the same
      return conv(g, back, w(5, 4, 1, 1));
    },
  },
  "resized and padded": {
    free: [4],
    write: (g, x, w) => {
      const scales = g.constant(tensor([1, 1, 2, 2], [4]));
      const large = g.op("Resize", [conv(g, x, w(4, 3, 1, 1)), null, scales]);
      return conv(g, g.op("Pad", [large, g.ints([0, 0, 1, 1, 0, 0, 1, 1])]), w(5, 4, 1, 1));
    },
  },
  "a bias set among axes of one": {
    free: [4],
    write: (g, x, w) => {
      const bias = g.reshape(w(4), [1, -1, 1, 1]);
      return conv(g, g.op("Add", [conv(g, x, w(4, 3, 1, 1)), bias]), w(5, 4, 1, 1));
    },
  },
  "one weight for two layers": {
    free: [3],
    write: (g, x, w) => {
      const weight = w(3, 3, 1, 1);
      // The second reads what the first writes: inputs are in the image's order, so outputs are too.
      const y = conv(g, conv(g, x, weight), weight);
      return conv(g, conv(g, y, w(3, 3, 1, 1)), w(5, 3, 1, 1));
    },
  },
  "padded channels, and pooling that counts positions, fix the order": {
    free: [],
    write: (g, x, w) => {
      const wide = g.op("Pad", [conv(g, x, w(4, 3, 1, 1)), g.ints([0, 1, 0, 0, 0, 0, 0, 0])]);
      const [pooled] = g.ops(
        "MaxPool",
        [conv(g, wide, w(4, 5, 1, 1))],
        { kernel_shape: [2, 2] },
        2,
      );
      return conv(g, pooled, w(5, 4, 1, 1));
    },
  },
  "an operator that looks at neighbours fixes the order": {
    free: [6],
    write: (g, x, w) => {
      const y = g.op("LRN", [conv(g, x, w(4, 3, 1, 1))], { size: 3 });
      return conv(g, conv(g, y, w(6, 4, 1, 1)), w(5, 6, 1, 1));
    },
  },
  "a shape that is read fixes nothing": {
    free: [4],
    write: (g, x, w) => {
      const y = conv(g, x, w(4, 3, 1, 1));
      const size = g.op("Cast", [g.op("Size", [y])], { to: 1 });
      return g.op("Div", [conv(g, y, w(5, 4, 1, 1)), size]);
    },
  },
};

function modelOf({ shape = [2, 3, 6, 6], write }: Case): Model {
  const model = newModel("case");
  const g = new GraphBuilder(model.graph);
  const rng = new Rng(8);
  let count = 0;
  const constant = (...of: number[]) => g.constant(rng.normal(of), `w${count++}`);
  const y = write(g, g.input("x", shape), constant);
  g.output(y, "y");
  return model;
}

describe("findChannelSpaces", () => {
  it.each(Object.entries(cases))("%s", async (_, given) => {
    const { shape = [2, 3, 6, 6], free } = given;
    const ascending = (sizes: readonly number[]) => [...sizes].sort((a, b) => a - b);
    const model = modelOf(given);
    const spaces = await findChannelSpaces(model);
    expect(ascending(spaces.spaces.map(({ size }) => size))).toEqual(ascending(free));
    const input = new Rng(9).normal(shape);
    const before = (await runModel(model, input)).y;
    await permuteChannels(model, spaces, otherOrders(spaces));
    expect(difference(before, (await runModel(model, input)).y)).toBeLessThan(1e-5);

    // None of the constants is moved in vain: with one of them as it was, the function is another.
    const original = modelOf(given);
    for (const value of new Set(spaces.parameters.map((parameter) => parameter.value))) {
      const moved = value.initializer!;
      value.initializer = original.graph.find(value.name)!.initializer;
      expect(difference(before, (await runModel(model, input)).y), value.name).toBeGreaterThan(
        1e-3,
      );
      value.initializer = moved;
    }
  });

  it("fixes what a subgraph reads, and what comes out of operators of others", async () => {
    const model = newModel("foreign");
    const g = new GraphBuilder(model.graph);
    const rng = new Rng(8);
    const weight = (...shape: number[]) => g.constant(rng.normal(shape));
    const x = g.input("x", [1, 3, 4, 4]);
    const [foreign] = g.ops("Mystery", [conv(g, x, weight(4, 3, 1, 1))], {}, 1, "com.example");
    const free = conv(g, foreign, weight(6, 4, 1, 1));
    const inner = conv(g, free, weight(5, 6, 1, 1));
    const [then, otherwise] = ["a", "b"].map((name) => {
      const body = new Graph(model.graph);
      body.addNode("Relu", [inner], { outputs: [body.newValue(name)] });
      body.outputs.push(body.find(name)!);
      return body;
    });
    const condition = g.constant(tensor(Uint8Array.of(1), [], "bool"));
    g.output(g.op("If", [condition], { then_branch: then, else_branch: otherwise }), "y");
    const { spaces } = await findChannelSpaces(model);
    expect(spaces.map(({ name, size }) => [name, size])).toEqual([
      [free.producer!.inputs[1]!.name, 6],
    ]);
  });
});
