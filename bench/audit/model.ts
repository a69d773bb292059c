import type { Model, Value } from "../../src/graph/index.js";
import { GraphBuilder, newModel } from "../../src/ops/index.js";
import { byteLength, type LazyTensor, Rng } from "../../src/tensor/index.js";
import { product, range } from "../../src/util/math.js";

/** The stages that blocks are spread over; each halves the resolution. */
const STAGES = 4;
const GROUPS = 4;
const IMAGE = [1, 3, 224, 224];
const CLASSES = 1000;

/** The most elements a weight of the network may have: those of a 1x1 or a grouped 3x3 of the widest. */
const POOL_ELEMENTS = 2 ** 23;

/**
 * A residual network of bottleneck blocks, each 1x1, 3x3 of 4 groups, 1x1, all of the same width:
 * 10 nodes, 3 convolutions and 17 * width^2 bytes of weights a block. The graph is the same at any width;
 * weights are made when they are read.
 */
export function largeModel({ blocks, width }: { blocks: number; width: number }): Model {
  const model = newModel(`cnn_of_${blocks}_blocks_and_width_${width}`);
  const b = new GraphBuilder(model.graph);
  const weights = new Weights();

  const conv = (x: Value, [outChannels, inChannels]: number[], kernel: number, group = 1) => {
    const shape = [outChannels, inChannels / group, kernel, kernel];
    const pad = (kernel - 1) / 2;
    const inputs = [x, b.constant(weights.next(shape), b.path("weight"))];
    return b.op("Conv", inputs, {
      group,
      kernel_shape: [kernel, kernel],
      pads: Array(4).fill(pad),
    });
  };
  const norm = (x: Value, channels: number) => {
    const names = ["weight", "bias", "running_mean", "running_var"];
    const statistics = names.map((name) => b.constant(weights.next([channels]), b.path(name)));
    return b.op("BatchNormalization", [x, ...statistics]);
  };
  const convNorm = (name: string, x: Value, channels: number[], kernel: number, group = 1) => {
    const y = b.within(`${name}.conv`, () => conv(x, channels, kernel, group));
    return b.within(`${name}.bn`, () => norm(y, channels[0]));
  };
  const relu = (x: Value) => b.within("relu", () => b.op("Relu", [x]));
  const block = (x: Value) => {
    const square = [width, width];
    const reduced = relu(convNorm("reduce", x, square, 1));
    const grouped = relu(convNorm("grouped", reduced, square, 3, GROUPS));
    const expanded = convNorm("expand", grouped, square, 1);
    return relu(b.within("add", () => b.op("Add", [x, expanded])));
  };
  const halve = (x: Value) => b.op("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] });

  let x = b.within("stem", () => convNorm("stem", b.input("image", IMAGE), [width, 3], 3));
  for (const stage of range(STAGES)) {
    x = b.within(`stage${stage}.pool`, () => halve(x));
    for (const i of range(
      Math.round((blocks * stage) / STAGES),
      Math.round((blocks * (stage + 1)) / STAGES),
    ))
      x = b.within(`stage${stage}.block${i}`, () => block(x));
  }
  const pooled = b.op("Flatten", [b.op("GlobalAveragePool", [x])]);
  const classifier = b.constant(weights.next([CLASSES, width]), "classifier.weight");
  const scores = b.op("Gemm", [pooled, classifier], { transB: 1 });
  b.output(scores, "scores", { shape: [1, CLASSES] });
  return model;
}

/** Random weights at the price of a copy: each tensor is another window of one pool of random numbers. */
class Weights {
  readonly #pool = new Rng(1).uniform([POOL_ELEMENTS], 0.01, 0.1).bytes;
  #tensors = 0;

  next(shape: readonly number[]): LazyTensor {
    const length = byteLength("float32", product(shape));
    const room = this.#pool.length - length;
    const offset = room === 0 ? 0 : ((this.#tensors++ * 4096) % room) & ~3;
    const load = async () => this.#pool.subarray(offset, offset + length);
    return { dtype: "float32", shape, byteLength: length, load };
  }
}
