import { expect, it } from "vitest";
import { runModel } from "../../../tests/support/run-model.js";
import type { Value } from "../../graph/index.js";
import { full } from "../../tensor/index.js";
import { buildModel } from "../build-model.js";
import { MaxPool2d } from "../layers/max-pool2d.js";
import { Module, type ModuleBuilder } from "../module.js";
import { stateDict } from "../state.js";
import { FeaturePyramid } from "./feature-pyramid.js";

class Pyramid extends Module<Record<string, Value>> {
  readonly half = new MaxPool2d(2);
  readonly neck = new FeaturePyramid([1, 1, 1], 2, { groups: 2 });

  forward(g: ModuleBuilder, x: Value): Record<string, Value> {
    const middle = g.call(this.half, x);
    const [fine, mid, coarse] = g.call(this.neck, x, middle, g.call(this.half, middle));
    return { fine, mid, coarse };
  }
}

it("adds to each level what the coarser ones know", async () => {
  const pyramid = new Pyramid();
  for (const [name, param] of stateDict(pyramid)) {
    // lateral: level l gives 10^l; output: the centre tap alone, so that levels pass
    const level = Number(/\d/.exec(name));
    if (name.includes("lateral") && name.endsWith("weight"))
      param.value = full(param.shape, 10 ** level);
    if (name.includes("output") && name.endsWith("weight")) {
      param.value = full(param.shape, 0);
      for (const channel of [0, 1])
        (param.value as ReturnType<typeof full>).data[channel * 9 + 4] = 1;
    }
  }
  const model = buildModel(pyramid, { inputShape: [1, 1, 8, 8] });
  const { fine, mid, coarse } = await runModel(model, full([1, 1, 8, 8], 1));
  expect([fine.shape, mid.shape, coarse.shape]).toEqual([
    [1, 2, 8, 8],
    [1, 2, 4, 4],
    [1, 2, 2, 2],
  ]);
  expect([new Set(fine.data), new Set(mid.data), new Set(coarse.data)]).toEqual([
    new Set([111]),
    new Set([110]),
    new Set([100]),
  ]);
});
