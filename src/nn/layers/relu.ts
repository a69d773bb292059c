import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** `max(x, 0)`. */
export class ReLU extends Module {
  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("Relu", [x]);
  }
}
