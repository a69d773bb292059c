import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { maxDifference, Rng, readFloat32, tensor } from "../../tensor/index.js";
import { ShapeError, UsageError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { Conv2d } from "./conv2d.js";

/** A convolution with these weights and no bias. */
function conv(weights: number[], ...args: ConstructorParameters<typeof Conv2d>): Conv2d {
  const [inChannels, outChannels, kernel, options] = args;
  const made = new Conv2d(inChannels, outChannels, kernel, { bias: false, ...options });
  made.weight.value = tensor(weights, made.weight.shape);
  return made;
}

describe("what it computes", () => {
  it("slides a window", async () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
    const y = await runNetwork(conv([1, 2, 3, 4], 1, 1, 2), x);
    expect(y.shape).toEqual([1, 1, 2, 2]);
    // 1*1 + 2*2 + 3*4 + 4*5, one to the right, one row down, both
    expect([...y.data]).toEqual([37, 47, 67, 77]);
  });

  it("keeps groups apart", async () => {
    const x = tensor([1, 2, 3, 4], [1, 4, 1, 1]);
    const y = await runNetwork(conv([10, 1, 100, 1000], 4, 2, 1, { groups: 2 }), x);
    // group 1: 10*1 + 1*2, group 2: 100*3 + 1000*4
    expect([...y.data]).toEqual([12, 4300]);
  });

  it("adds the bias of each output channel", async () => {
    const layer = new Conv2d(1, 2, 1);
    layer.weight.value = tensor([1, 10], [2, 1, 1, 1]);
    layer.bias!.value = tensor([0.5, -0.5], [2]);
    const y = await runNetwork(layer, tensor([3], [1, 1, 1, 1]));
    expect([...y.data]).toEqual([3.5, 29.5]);
  });

  it("takes stride, padding and dilation an axis each, height first", async () => {
    const x = tensor([1, 2, 3, 4, 5], [1, 1, 1, 5]);
    const strided = conv([1, 10, 100], 1, 1, [1, 3], { stride: [1, 2], padding: [0, 1] });
    // _12, 234, 45_ read as digits from the right
    expect([...(await runNetwork(strided, x)).data]).toEqual([210, 432, 54]);
    const dilated = conv([1, 10, 100], 1, 1, [1, 3], { dilation: [1, 2] });
    expect([...(await runNetwork(dilated, x)).data]).toEqual([531]);
  });

  it("with groups equals a dense one whose weights are zero between groups", async () => {
    const sizes = fc.record({
      groups: fc.integer({ min: 1, max: 4 }),
      inPerGroup: fc.integer({ min: 1, max: 3 }),
      outPerGroup: fc.integer({ min: 1, max: 3 }),
      kernel: fc.constantFrom(1, 3),
      stride: fc.constantFrom(1, 2),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ groups, inPerGroup, outPerGroup, kernel, stride }) => {
        const [inChannels, outChannels] = [groups * inPerGroup, groups * outPerGroup];
        const rng = new Rng(1);
        const x = rng.normal([2, inChannels, 5, 6]);
        const weight = rng.normal([outChannels, inPerGroup, kernel, kernel]);
        const taps = kernel * kernel;
        const dense = new Float32Array(outChannels * inChannels * taps);
        for (let m = 0; m < outChannels; m++) {
          const group = Math.floor(m / outPerGroup);
          const block = weight.data.subarray(m * inPerGroup * taps, (m + 1) * inPerGroup * taps);
          dense.set(block, (m * inChannels + group * inPerGroup) * taps);
        }
        const options = { stride, padding: (kernel - 1) / 2 };
        const one = conv([...weight.data], inChannels, outChannels, kernel, { ...options, groups });
        const other = conv([...dense], inChannels, outChannels, kernel, options);
        const difference = maxDifference(await runNetwork(one, x), await runNetwork(other, x));
        expect(difference).toBeLessThan(1e-5);
      }),
      { numRuns: 30 },
    );
  });
});

describe("how it starts", () => {
  async function startOf(layer: Conv2d, seed: number): Promise<Float32Array> {
    const model = buildModel(layer, { inputShape: [1, layer.inChannels, 8, 8], seed });
    return readFloat32(model.graph.find("weight")!.initializer!);
  }

  // fan-in: 64 * 9 = 576, 64 / 16 * 9 = 36, 1 * 9 = 9
  it.each([
    [1, 576],
    [16, 36],
    [64, 9],
  ])("with groups=%d its variance is 2 / %d", async (groups, fanIn) => {
    const weights = await startOf(new Conv2d(64, 256, 3, { groups }), 3);
    const variance = weights.reduce((total, w) => total + w * w, 0) / weights.length;
    expect(variance * (fanIn / 2)).toBeGreaterThan(0.95);
    expect(variance * (fanIn / 2)).toBeLessThan(1.05);
    const bound = Math.fround(Math.sqrt(6 / fanIn));
    expect(weights.filter((w) => Math.abs(w) > bound)).toHaveLength(0);
  });

  it("is the seed's", async () => {
    const layer = new Conv2d(4, 4, 3);
    expect(await startOf(layer, 1)).toEqual(await startOf(new Conv2d(4, 4, 3), 1));
    expect(await startOf(layer, 1)).not.toEqual(await startOf(layer, 2));
  });
});

describe("what it refuses", () => {
  it("groups that do not divide the channels, with the way out", () => {
    expect(() => new Conv2d(64, 128, 1, { groups: 12 })).toThrow(ShapeError);
    expect(() => new Conv2d(64, 128, 1, { groups: 12 })).toThrow(
      "Conv2d: groups=12 must divide inChannels=64 and outChannels=128; nearest valid: 8, 16",
    );
  });

  it.each([
    ["kernel=0", 0, {}],
    ["kernel=-3", [3, -3] as const, {}],
    ["stride=0", 3, { stride: 0 }],
    ["padding=-1", 3, { padding: [0, -1] as const }],
    ["dilation=1.5", 3, { dilation: 1.5 }],
    ["kernel=NaN", Number.NaN, {}],
  ])("%s", (words, kernel, options) => {
    expect(() => new Conv2d(2, 2, kernel, options)).toThrow(UsageError);
    expect(() => new Conv2d(2, 2, kernel, options)).toThrow(`Conv2d: ${words} must be a whole`);
  });
});
