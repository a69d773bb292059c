import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** All axes after the first become one: `[N, C, H, W]` -> `[N, C * H * W]`. */
export class Flatten extends Module {
  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("Flatten", [x], { axis: 1 });
  }
}
