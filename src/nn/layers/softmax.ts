import type { Value } from "../../graph/index.js";
import { UsageError } from "../../util/errors.js";
import { Module, type ModuleBuilder } from "../module.js";

/** `exp(x) / sum(exp(x))` along one axis; negative axes count from the end. Defaults to axis 1, the channels. */
export class Softmax extends Module {
  constructor(readonly dim = 1) {
    super();
    if (!Number.isInteger(dim)) throw new UsageError(`Softmax: dim=${dim} must be a whole number`);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.op("Softmax", [x], { axis: this.dim });
  }
}
