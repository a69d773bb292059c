import type { Value } from "../../graph/index.js";
import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { Module, type ModuleBuilder } from "../module.js";

/**
 * S7, the deadly combination mended: 16 groups instead of 64, batch norm, and before the pooling a dense
 * 1x1 convolution added to what it reads, where the groups meet: `x + fusion(x)`.
 * `[N, 64, H, W]` -> `[N, 128, 1, 1]`.
 */
export class RescueCombo extends Module {
  readonly conv1 = new Conv2d(64, 128, 1, { groups: 16 });
  readonly bn = new BatchNorm2d(128);
  readonly fusion = new Conv2d(128, 128, 1);
  readonly pool = new GlobalAvgPool2d();

  forward(g: ModuleBuilder, x: Value): Value {
    const y = g.pipe(x, this.conv1, this.bn);
    return g.call(this.pool, g.op("Add", [y, g.call(this.fusion, y)]));
  }
}
