import { expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { maxDifference, tensor } from "../../tensor/index.js";
import { Hardswish } from "./hardswish.js";
import { ReLU } from "./relu.js";
import { ReLU6 } from "./relu6.js";
import { Sigmoid } from "./sigmoid.js";
import { SiLU } from "./silu.js";
import { Softmax } from "./softmax.js";

const x = [-8, -3, -1, -0.25, 0, 0.25, 1, 2.5, 3, 6, 7.5, 20];
const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

it.each([
  { layer: new ReLU(), f: (v: number) => Math.max(v, 0) },
  { layer: new ReLU6(), f: (v: number) => Math.min(Math.max(v, 0), 6) },
  { layer: new Sigmoid(), f: sigmoid },
  { layer: new SiLU(), f: (v: number) => v * sigmoid(v) },
  { layer: new Hardswish(), f: (v: number) => (v <= -3 ? 0 : v >= 3 ? v : (v * (v + 3)) / 6) },
])("$layer.constructor.name", async ({ layer, f }) => {
  const y = await runNetwork(layer, tensor(x, [1, 3, 2, 2]));
  expect(y.shape).toEqual([1, 3, 2, 2]);
  expect(maxDifference(y.data, x.map(f))).toBeLessThan(2e-6);
});

it("Softmax sums to one over the channels, or over the axis it is given", async () => {
  const logs = tensor([Math.log(1), Math.log(2), Math.log(3), Math.log(6)], [1, 2, 1, 2]);
  // pairs (1, 3) and (2, 6)
  const channels = await runNetwork(new Softmax(), logs);
  expect(maxDifference(channels.data, [1 / 4, 2 / 8, 3 / 4, 6 / 8])).toBeLessThan(1e-6);
  // pairs (1, 2) and (3, 6)
  const columns = await runNetwork(new Softmax(-1), logs);
  expect(maxDifference(columns.data, [1 / 3, 2 / 3, 3 / 9, 6 / 9])).toBeLessThan(1e-6);
  expect(() => new Softmax(0.5)).toThrow("Softmax: dim=0.5 must be a whole number");
});
