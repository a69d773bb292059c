import type { Value } from "../../graph/index.js";
import { Conv2d } from "../layers/conv2d.js";
import { Sequential } from "../layers/sequential.js";
import { Upsample } from "../layers/upsample.js";
import { Module, type ModuleBuilder } from "../module.js";
import { convBnAct } from "./conv-bn-act.js";
import { sceneStage } from "./scene-stage.js";

/**
 * S10, S11, what the seed describes for segmentation and does not write: groups 2, 4, 8 on the way down,
 * 8, 4, 2 on the way up, and skip connections with one group, dense 1x1 convolutions that are added
 * where the sizes meet. A dense stem comes first, as 3 colours cannot be cut in two.
 * `[N, 3, H, W]` -> `[N, 32, H, W]`; H and W must be multiples of 8.
 */
export class SceneDownUp extends Module {
  readonly stem = convBnAct(3, 32, 3);
  readonly down = [sceneStage(32, 64, 2), sceneStage(64, 128, 4), sceneStage(128, 256, 8)];
  readonly up = [upStage(256, 128, 8), upStage(128, 64, 4), upStage(64, 32, 2)];
  readonly skip = [new Conv2d(128, 128, 1), new Conv2d(64, 64, 1), new Conv2d(32, 32, 1)];

  forward(g: ModuleBuilder, x: Value): Value {
    let y = g.call(this.stem, x);
    const seen: Value[] = [];
    for (const stage of this.down) {
      seen.unshift(y);
      y = g.call(stage, y);
    }
    for (const [i, stage] of this.up.entries())
      y = g.op("Add", [g.call(stage, y), g.call(this.skip[i], seen[i])]);
    return y;
  }
}

/** Doubles the size, then a grouped 3x3 convolution, batch norm, ReLU. */
function upStage(inChannels: number, outChannels: number, groups: number): Sequential {
  return new Sequential([new Upsample(2), convBnAct(inChannels, outChannels, 3, { groups })]);
}
