import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { maxDifference, Rng, readFloat32, tensor } from "../../tensor/index.js";
import { ShapeError, UsageError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { ConvTranspose2d } from "./conv-transpose2d.js";
import { Conv2d } from "./conv2d.js";

describe("what it computes", () => {
  it("stamps the window once for every input pixel, and sums", async () => {
    const layer = new ConvTranspose2d(1, 1, [1, 3], { stride: [1, 2], bias: false });
    layer.weight.value = tensor([1, 10, 100], [1, 1, 1, 3]);
    const y = await runNetwork(layer, tensor([2, 3], [1, 1, 1, 2]));
    // 2 * [1, 10, 100] at 0, 3 * [1, 10, 100] at 2: they meet at 2
    expect(y.shape).toEqual([1, 1, 1, 5]);
    expect([...y.data]).toEqual([2, 20, 203, 30, 300]);
  });

  it("cuts padding off and adds outputPadding at the end", async () => {
    const options = {
      stride: [1, 2],
      padding: [0, 1],
      outputPadding: [0, 1],
      bias: false,
    } as const;
    const layer = new ConvTranspose2d(1, 1, [1, 3], options);
    layer.weight.value = tensor([1, 10, 100], [1, 1, 1, 3]);
    const y = await runNetwork(layer, tensor([2, 3], [1, 1, 1, 2]));
    expect([...y.data]).toEqual([20, 203, 30, 300]);
  });

  it("keeps groups apart and adds the bias", async () => {
    const layer = new ConvTranspose2d(4, 2, 1, { groups: 2 });
    layer.weight.value = tensor([10, 1, 100, 1000], [4, 1, 1, 1]);
    layer.bias!.value = tensor([0.5, -0.5], [2]);
    const y = await runNetwork(layer, tensor([1, 2, 3, 4], [1, 4, 1, 1]));
    expect([...y.data]).toEqual([12.5, 4299.5]);
  });

  // <conv(x), y> = <x, convTranspose(y)> for every x and y: that is what transposed means.
  it.each([1, 2, 3])(
    "is the adjoint of the convolution with the same weights, groups=%d",
    async (groups) => {
      const rng = new Rng(5);
      const options = { stride: 2, padding: 1, dilation: 2, groups, bias: false };
      const forward = new Conv2d(6, 12, 3, options);
      const back = new ConvTranspose2d(12, 6, 3, options);
      forward.weight.value = rng.normal(forward.weight.shape);
      back.weight.value = forward.weight.value;
      const x = rng.normal([1, 6, 9, 11]);
      const conv = await runNetwork(forward, x);
      const y = rng.normal(conv.shape);
      const transposed = await runNetwork(back, y);
      expect(transposed.shape).toEqual(x.shape);
      const dot = (a: Float32Array, b: Float32Array) =>
        a.reduce((total, v, i) => total + v * b[i], 0);
      expect(maxDifference([dot(conv.data, y.data)], [dot(x.data, transposed.data)])).toBeLessThan(
        1e-3,
      );
    },
  );
});

// fan-in: 32/2 * 4*4 / (2*2) = 64, 32/2 * 2*2 / (2*2) = 16; of 32/32 * 1 / (2*2) at least 1
it.each([
  [4, 2, 64],
  [2, 2, 16],
  [1, 32, 1],
])(
  "with a kernel of %d and %d groups it starts with variance 2 / %d",
  async (kernel, groups, fanIn) => {
    const layer = new ConvTranspose2d(32, 1024, kernel, { stride: 2, groups });
    const { graph } = buildModel(layer, { inputShape: [1, 32, 4, 4] });
    const weights = await readFloat32(graph.find("weight")!.initializer!);
    const variance = weights.reduce((total, w) => total + w * w, 0) / weights.length;
    expect(Math.abs(variance * (fanIn / 2) - 1)).toBeLessThan(0.05);
  },
);

describe("what it refuses", () => {
  it("groups that do not divide the channels", () => {
    expect(() => new ConvTranspose2d(6, 4, 2, { groups: 3 })).toThrow(ShapeError);
    expect(() => new ConvTranspose2d(6, 4, 2, { groups: 3 })).toThrow(
      "ConvTranspose2d: groups=3 must divide outChannels=4",
    );
  });

  it("outputPadding that no stride or dilation explains", () => {
    expect(() => new ConvTranspose2d(2, 2, 2, { stride: 2, outputPadding: 2 })).toThrow(UsageError);
    expect(() => new ConvTranspose2d(2, 2, 2, { stride: 2, outputPadding: 2 })).toThrow(
      "outputPadding=2 must be less than the larger of stride=2 and dilation=1",
    );
  });
});
