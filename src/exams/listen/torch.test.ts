import { describe, expect, it } from "vitest";
import { hashed } from "../../../tests/support/hashed.js";
import { architectures, buildModel, stateDict } from "../../nn/index.js";
import { product, range } from "../../util/math.js";
import { examine } from "../examine.js";
import { tensorData } from "../tensor-data.js";
import fixture from "./fixtures/torch.json" with { type: "json" };
import type { Magnitude } from "./section.js";

const names = Object.keys(fixture.networks) as (keyof typeof fixture.networks)[];
const SHAPE = [2, 3, 64, 64];
const TOLERANCE = 1e-3;

interface Expected {
  readonly output: readonly number[];
  readonly weight: readonly number[];
  readonly groups?: readonly (readonly number[])[];
}

/** As in make_torchvision.py. */
function filler(name: string, shape: readonly number[]): (u: number) => number {
  const bound = Math.sqrt(6 / product(shape.slice(1)));
  if (shape.length > 1) return (u) => (2 * u - 1) * bound;
  if (/running_var$|weight$/.test(name)) return (u) => 0.5 + u;
  return (u) => 0.2 * (u - 0.5);
}

const pair = ({ meanAbs, rms }: Magnitude) => [meanAbs, rms];

function expectClose(found: readonly number[], expected: readonly number[], what: string): void {
  for (const [i, value] of expected.entries())
    expect(Math.abs(found[i] / value - 1), `${what}: ${found[i]} for ${value}`).toBeLessThan(
      TOLERANCE,
    );
}

describe(`gradients have the sizes of PyTorch ${fixture.torch}'s`, () => {
  it.each(names)("%s", async (name) => {
    const network = architectures[name]();
    for (const [key, param] of stateDict(network))
      param.value = hashed(key, param.shape, filler(key, param.shape));
    const model = buildModel(network, { inputShape: ["N", ...SHAPE.slice(1)] });
    const pictures = hashed("input", SHAPE, (u) => 2 * u - 1);
    const report = await examine(model, await tensorData(model, pictures), {
      exams: ["listen"],
      listen: { dense: false },
    });
    expect(report.exams[0].reason).toBeNull();
    const { inputs, layers } = report.sections.listen!;
    const expected: { readonly input: readonly number[]; readonly layers: object } =
      fixture.networks[name];
    expectClose(pair(inputs[0]), expected.input, "input");
    const convolutions = new Map<string, Expected>(Object.entries(expected.layers));
    expect(layers.map((layer) => layer.name).sort()).toEqual([...convolutions.keys()].sort());
    for (const { name: layer, output, weight, perGroup, groups } of layers) {
      const { output: dy, weight: dw, groups: each } = convolutions.get(layer)!;
      expectClose(pair(output), dy, `${layer} output`);
      expectClose(pair(weight), dw, `${layer} weight`);
      if (!each) continue;
      for (const group of range(groups)) {
        const { outputMeanAbs, outputRms, weightMeanAbs, weightRms } = perGroup;
        const found = [outputMeanAbs, outputRms, weightMeanAbs, weightRms].map(
          (list) => list[group],
        );
        expectClose(found, each[group], `${layer} group ${group}`);
      }
    }
  });
});
