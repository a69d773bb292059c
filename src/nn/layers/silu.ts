import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** `x * sigmoid(x)`, also called Swish. */
export class SiLU extends Module {
  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("Mul", [x, g.op("Sigmoid", [x])]);
  }
}
