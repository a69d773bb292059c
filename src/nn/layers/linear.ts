import type { Value } from "../../graph/index.js";
import { uniform } from "../init.js";
import { Module, type ModuleBuilder } from "../module.js";
import { checkWhole } from "../options.js";
import { Param } from "../param.js";

export interface LinearOptions {
  /** Adds a learned bias. Defaults to true. */
  bias?: boolean;
}

/**
 * Dense layer: `[N, inFeatures]` -> `[N, outFeatures]`, `x * weight^T + bias`.
 *
 * Weights and bias start uniform in ±1/sqrt(inFeatures), as PyTorch's do: it mostly ends a network, and
 * logits should start small.
 */
export class Linear extends Module {
  readonly weight: Param; // [outFeatures, inFeatures]
  readonly bias: Param | null; // [outFeatures]

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: LinearOptions = {},
  ) {
    super();
    const { bias = true } = options;
    checkWhole("Linear", "inFeatures", inFeatures, 1);
    checkWhole("Linear", "outFeatures", outFeatures, 1);
    const init = uniform(1 / Math.sqrt(inFeatures));
    this.weight = new Param([outFeatures, inFeatures], init);
    this.bias = bias ? new Param([outFeatures], init) : null;
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const params = [this.weight, this.bias].filter((param) => param !== null);
    return g.op("Gemm", [x, ...params.map((param) => g.param(param))], { transB: 1 });
  }
}
