import type { Value } from "../../graph/index.js";
import { UsageError } from "../../util/errors.js";
import { constant } from "../init.js";
import { Module, type ModuleBuilder } from "../module.js";
import { checkWhole } from "../options.js";
import { Param } from "../param.js";

export interface BatchNorm2dOptions {
  /** Added to the variance. Defaults to 1e-5. */
  eps?: number;
  /**
   * Share of the batch in the new running statistics, as in PyTorch:
   * `running = (1 - momentum) * running + momentum * batch`. ONNX calls the other share so. Defaults to 0.1.
   */
  momentum?: number;
}

/**
 * Batch normalization over `[N, channels, H, W]`, each channel by itself:
 * `(x - mean) / sqrt(var + eps) * weight + bias`.
 *
 * Inference takes mean and variance from the running statistics; training takes them from the batch, and
 * updates the running ones with the batch's variance over n values as ONNX says, where PyTorch divides by
 * n - 1. Source: https://arxiv.org/abs/1502.03167; ONNX BatchNormalization-15.
 */
export class BatchNorm2d extends Module {
  readonly weight: Param; // [channels], starts at 1
  readonly bias: Param; // [channels], starts at 0
  readonly runningMean: Param; // [channels], starts at 0
  readonly runningVar: Param; // [channels], starts at 1
  readonly eps: number;
  readonly momentum: number;

  constructor(
    readonly channels: number,
    options: BatchNorm2dOptions = {},
  ) {
    super();
    const { eps = 1e-5, momentum = 0.1 } = options;
    checkWhole("BatchNorm2d", "channels", channels, 1);
    if (!(eps > 0 && Number.isFinite(eps)))
      throw new UsageError(`BatchNorm2d: eps=${eps} must be greater than 0`);
    if (!(momentum >= 0 && momentum <= 1))
      throw new UsageError(`BatchNorm2d: momentum=${momentum} must be from 0 to 1`);
    this.eps = eps;
    this.momentum = momentum;
    this.weight = new Param([channels], constant(1));
    this.bias = new Param([channels], constant(0));
    this.runningMean = new Param([channels], constant(0), "buffer");
    this.runningVar = new Param([channels], constant(1), "buffer");
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const { weight, bias, runningMean, runningVar } = this;
    const learned = [g.param(weight), g.param(bias)];
    const inputs = [x, ...learned, g.current(runningMean), g.current(runningVar)];
    const epsilon = { type: "float", value: this.eps } as const;
    if (g.mode === "inference") return g.op("BatchNormalization", inputs, { epsilon });

    const momentum = { type: "float", value: 1 - this.momentum } as const;
    const attributes = { epsilon, momentum, training_mode: 1 };
    const [y, mean, variance] = g.ops("BatchNormalization", inputs, attributes, 3);
    g.update(runningMean, mean);
    g.update(runningVar, variance);
    return y;
  }
}
