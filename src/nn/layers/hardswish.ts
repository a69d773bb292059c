import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** `x * min(max(x + 3, 0), 6) / 6`. */
export class Hardswish extends Module {
  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("HardSwish", [x]);
  }
}
