import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/** `body(x) + shortcut(x)`; without a shortcut, `body(x) + x`, so that the body must keep the shape. */
export class Residual extends Module {
  constructor(
    readonly body: Module,
    readonly shortcut: Module | null = null,
  ) {
    super();
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const around = this.shortcut ? g.call(this.shortcut, x) : x;
    return g.op("Add", [g.call(this.body, x), around]);
  }
}
