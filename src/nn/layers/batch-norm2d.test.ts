import { describe, expect, it } from "vitest";
import { runModel, runNetwork } from "../../../tests/support/run-model.js";
import { maxDifference, tensor } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { BatchNorm2d } from "./batch-norm2d.js";
import { Sequential } from "./sequential.js";

/** Two channels of two pixels: means 2 and 20, variances (over n) 1 and 100. */
const x = tensor([1, 3, 10, 30], [1, 2, 1, 2]);

function norm(options = {}): BatchNorm2d {
  const layer = new BatchNorm2d(2, { eps: 1e-9, ...options });
  layer.weight.value = tensor([2, 3], [2]);
  layer.bias.value = tensor([0.5, -0.5], [2]);
  layer.runningMean.value = tensor([5, 6], [2]);
  layer.runningVar.value = tensor([4, 16], [2]);
  return layer;
}

describe("inference", () => {
  it("normalises by the running statistics", async () => {
    const { data } = await runNetwork(norm(), x);
    // (1-5)/2*2+.5, (3-5)/2*2+.5 | (10-6)/4*3-.5, (30-6)/4*3-.5
    expect(maxDifference(data, [-3.5, -1.5, 2.5, 17.5])).toBeLessThan(1e-5);
  });

  it("adds eps to the variance", async () => {
    const { data } = await runNetwork(norm({ eps: 12 }), tensor([9, 0, 6, 6], [1, 2, 1, 2]));
    expect(data[0]).toBeCloseTo(((9 - 5) / Math.sqrt(4 + 12)) * 2 + 0.5, 5); // 2.5
  });

  it("starts as the identity", async () => {
    const { data } = await runNetwork(new BatchNorm2d(2, { eps: 1e-12 }), x);
    expect([...data]).toEqual([1, 3, 10, 30]);
  });
});

describe("training", () => {
  it("normalises by the batch and moves the running statistics by momentum", async () => {
    const model = buildModel(norm({ momentum: 0.25 }), { inputShape: x.shape, mode: "training" });
    const outputs = await runModel(model, x);
    // (1-2)/1*2+.5, (3-2)/1*2+.5 | (10-20)/10*3-.5, (30-20)/10*3-.5
    expect(
      maxDifference(outputs.output, tensor([-1.5, 2.5, -3.5, 2.5], [1, 2, 1, 2])),
    ).toBeLessThan(1e-5);
    // 3/4 * 5 + 1/4 * 2, 3/4 * 6 + 1/4 * 20
    expect([...outputs["running_mean.next"].data]).toEqual([4.25, 9.5]);
    // 3/4 * 4 + 1/4 * 1, 3/4 * 16 + 1/4 * 100
    expect([...outputs["running_var.next"].data]).toEqual([3.25, 37]);
  });

  it("counts every use of a layer that is used twice, and spoils no parameter that begins as they do", async () => {
    const layer = new BatchNorm2d(2, { eps: 1e-9, momentum: 0.5 });
    const twice = new Sequential([layer, layer]);
    const model = buildModel(twice, { inputShape: x.shape, mode: "training" });
    const [first, second] = model.graph.nodes;
    expect(second.inputs.slice(3)).toEqual(first.outputs.slice(1));

    const outputs = await runModel(model, x);
    expect(maxDifference(outputs.output.data, [-1, 1, -1, 1])).toBeLessThan(1e-5);
    // from 0 half-way to 2 and 20, then half-way to the 0 of a normalised batch
    expect(maxDifference(outputs["0.running_mean.next"].data, [0.5, 5])).toBeLessThan(1e-5);
    // from 1 half-way to 1 and 100, then half-way to 1
    expect(maxDifference(outputs["0.running_var.next"].data, [1, 25.75])).toBeLessThan(1e-5);
  });
});

it("refuses options out of range", () => {
  expect(() => new BatchNorm2d(0)).toThrow("channels=0 must be a whole number of at least 1");
  expect(() => new BatchNorm2d(4, { eps: 0 })).toThrow(UsageError);
  expect(() => new BatchNorm2d(4, { eps: Number.NaN })).toThrow("eps=NaN must be greater than 0");
  expect(() => new BatchNorm2d(4, { momentum: 1.5 })).toThrow("momentum=1.5 must be from 0 to 1");
});
