import type { Value } from "../../graph/index.js";
import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { GlobalAvgPool2d } from "../layers/global-avg-pool2d.js";
import { Module, type ModuleBuilder } from "../module.js";

export interface DeadlyComboOptions {
  /** Defaults to 64, the most that 64 channels allow. The seed writes 128, which no runtime can build. */
  groups?: number;
}

/**
 * S4 to S7, a specimen to examine, not to use: a 1x1 convolution whose groups never meet, batch norm,
 * global pooling. `[N, 64, H, W]` -> `[N, 128, 1, 1]`.
 *
 * @throws ShapeError for `groups: 128`, as 64 input channels cannot be cut into 128 groups.
 */
export class DeadlyCombo extends Module {
  readonly conv1: Conv2d;
  readonly bn = new BatchNorm2d(128);
  readonly pool = new GlobalAvgPool2d();

  constructor(options: DeadlyComboOptions = {}) {
    super();
    const { groups = 64 } = options;
    this.conv1 = new Conv2d(64, 128, 1, { groups });
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.pipe(x, this.conv1, this.bn, this.pool);
  }
}
