import type { Value } from "../../graph/index.js";
import { scalar } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { Module, type ModuleBuilder } from "../module.js";

/**
 * In training sets each value to zero with probability `p` and multiplies the others by `1 / (1 - p)`;
 * in inference lets all through and writes no node. `p` defaults to 0.5.
 */
export class Dropout extends Module {
  constructor(readonly p = 0.5) {
    super();
    if (!(p >= 0 && p < 1))
      throw new UsageError(`Dropout: p=${p} must be at least 0 and less than 1`);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    if (g.mode === "inference") return x;
    const seed = g.rng().integer(0, 2 ** 31);
    const inputs = [x, g.scalar(this.p), g.constant(scalar(1, "bool"))];
    const [y] = g.ops("Dropout", inputs, { seed }, 2); // the second is the mask, which its gradient needs
    return y;
  }
}
