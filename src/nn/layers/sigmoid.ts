import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** `1 / (1 + exp(-x))`. */
export class Sigmoid extends Module {
  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("Sigmoid", [x]);
  }
}
