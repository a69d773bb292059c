import { describe, expect, it } from "vitest";
import { hashed } from "../../../tests/support/hashed.js";
import { networkMacs } from "../../../tests/support/network-macs.js";
import { runNetwork } from "../../../tests/support/run-model.js";
import { product } from "../../util/math.js";
import { parameterCount, stateDict } from "../state.js";
import torchvision from "./fixtures/torchvision.json" with { type: "json" };
import { architectures } from "./registry.js";

const names = Object.keys(torchvision.networks) as (keyof typeof torchvision.networks)[];

describe.each(names)("%s is torchvision's", (name) => {
  const published = torchvision.networks[name];
  const network = architectures[name]();
  const state = stateDict(network);

  it("has its state_dict: names, shapes, order", () => {
    const shapes = [...state].map(([key, param]) => [key, param.shape]);
    expect(shapes).toEqual(Object.entries(published.state));
  });

  it("has its parameter count", () => {
    expect(parameterCount(network)).toBe(published.parameters);
  });

  it("has its multiply-accumulates, to the last published digit", async () => {
    const macs = await networkMacs(network, [1, 3, 224, 224]);
    expect(Number((macs / 1e9).toFixed(3))).toBe(published.gmacs);
  });

  it("computes its logits from the same weights", async () => {
    for (const [key, param] of state)
      param.value = hashed(key, param.shape, filler(key, param.shape));
    const logits = await runNetwork(
      network,
      hashed("input", [2, 3, 64, 64], (u) => 2 * u - 1),
    );
    expect(logits.shape).toEqual([2, 1000]);
    const scale = Math.max(...logits.data.map(Math.abs));
    for (const [sample, expected] of published.logits.entries())
      for (const [i, value] of expected.entries())
        expect(Math.abs(logits.data[sample * 1000 + i] - value)).toBeLessThan(1e-4 * scale);
  });
});

/** As in fixtures/make_torchvision.py: lively weights, and batch norms that are not the identity. */
function filler(name: string, shape: readonly number[]): (u: number) => number {
  const bound = Math.sqrt(6 / product(shape.slice(1)));
  if (shape.length > 1) return (u) => (2 * u - 1) * bound;
  if (/running_var$|weight$/.test(name)) return (u) => 0.5 + u;
  return (u) => 0.2 * (u - 0.5);
}
