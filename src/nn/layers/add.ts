import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** Sum of two values of one shape. */
export class Add extends Module {
  forward(g: ModuleBuilder, a: Value, b: Value): Value {
    return g.op("Add", [a, b]);
  }
}
