import { expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { readFloat32, tensor } from "../../tensor/index.js";
import { buildModel } from "../build-model.js";
import { Linear } from "./linear.js";

it("multiplies by the transposed weight and adds the bias", async () => {
  const layer = new Linear(3, 2);
  layer.weight.value = tensor([1, 2, 3, 10, 20, 30], [2, 3]);
  layer.bias!.value = tensor([0.5, -0.5], [2]);
  const y = await runNetwork(layer, tensor([1, 1, 1, 0, 1, 2], [2, 3]));
  // 1+2+3, 10+20+30 | 0+2+6, 0+20+60
  expect([...y.data]).toEqual([6.5, 59.5, 8.5, 79.5]);
});

it("can do without bias", async () => {
  const layer = new Linear(2, 1, { bias: false });
  layer.weight.value = tensor([3, 4], [1, 2]);
  expect([...(await runNetwork(layer, tensor([1, 2], [1, 2]))).data]).toEqual([11]);
});

it("starts within ±1/sqrt(inFeatures)", async () => {
  const { graph } = buildModel(new Linear(100, 200), { inputShape: ["N", 100] });
  for (const name of ["weight", "bias"]) {
    const values = await readFloat32(graph.find(name)!.initializer!);
    const largest = Math.max(...values.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(Math.fround(0.1));
    expect(largest).toBeGreaterThan(0.095);
  }
});

it("refuses a count of features that is no count", () => {
  expect(() => new Linear(0, 2)).toThrow(
    "Linear: inFeatures=0 must be a whole number of at least 1",
  );
  expect(() => new Linear(2, 1.5)).toThrow("Linear: outFeatures=1.5 must be a whole number");
});
