import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** `min(max(x, 0), 6)`. */
export class ReLU6 extends Module {
  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("Clip", [x, g.scalar(0), g.scalar(6)]);
  }
}
