import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** Mean of each channel: `[N, C, H, W]` -> `[N, C, 1, 1]`. PyTorch writes `AdaptiveAvgPool2d(1)`. */
export class GlobalAvgPool2d extends Module {
  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("GlobalAveragePool", [x]);
  }
}
