import type { Value } from "../../graph/index.js";
import { UsageError } from "../../util/errors.js";
import { Module, type ModuleBuilder } from "../module.js";

/** Values one after the other along one axis; negative axes count from the end. Defaults to axis 1, the channels. */
export class Concat extends Module {
  constructor(readonly dim = 1) {
    super();
    if (!Number.isInteger(dim)) throw new UsageError(`Concat: dim=${dim} must be a whole number`);
  }

  forward(g: ModuleBuilder, ...parts: Value[]): Value {
    return g.op("Concat", parts, { axis: this.dim });
  }
}
