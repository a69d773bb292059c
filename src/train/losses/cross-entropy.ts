import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import { tensor } from "../../tensor/index.js";
import { describeCall } from "../../util/describe-call.js";
import { ShapeError, UsageError } from "../../util/errors.js";
import { type Loss, meanOfAll } from "./loss.js";

export interface CrossEntropyOptions {
  /** Share of the target that is spread evenly over all classes, from 0 to 1. Defaults to 0. */
  readonly labelSmoothing?: number;
}

/**
 * Softmax and negative log-likelihood, as PyTorch's `CrossEntropyLoss`: predictions `[N, K, ...]` are
 * logits, targets `[N, ...]` int64 class numbers from 0 to K - 1; the mean over all of them.
 * Label smoothing: https://arxiv.org/abs/1512.00567, section 7.
 *
 * @throws UsageError if `labelSmoothing` is not from 0 to 1.
 */
export function crossEntropy({ labelSmoothing = 0 }: CrossEntropyOptions = {}): Loss {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new UsageError(`crossEntropy: labelSmoothing=${labelSmoothing} must be from 0 to 1`);
  return {
    name: "crossEntropy",
    recipe: describeCall("crossEntropy", { labelSmoothing }),
    target: classTarget("crossEntropy"),
    write(g, prediction, target, output) {
      const classes = output[1];
      const hot = oneHot(g, target, classes, {
        on: 1 - labelSmoothing + labelSmoothing / classes,
        off: labelSmoothing / classes,
      });
      const logs = g.op("LogSoftmax", [prediction], { axis: 1 });
      const terms = g.op("ReduceSum", [g.op("Mul", [hot, logs]), g.ints([1])], { keepdims: 0 });
      return g.op("Neg", [meanOfAll(g, terms)]);
    },
  };
}

/** Class numbers `[N, ...]` for predictions `[N, K, ...]`. */
export function classTarget(loss: string): Loss["target"] {
  return (output) => {
    if (output.length < 2)
      throw new ShapeError(`${loss}: output [${output}] must be [N, classes, ...]`);
    return { dtype: "int64", shape: output.toSpliced(1, 1), classes: output[1] };
  };
}

/** `[N, ...]` class numbers to `[N, K, ...]`, `on` at the class and `off` elsewhere. */
export function oneHot(
  g: GraphBuilder,
  target: Value,
  classes: number,
  { on, off }: { readonly on: number; readonly off: number },
): Value {
  const values = g.constant(tensor(Float32Array.of(off, on), [2]));
  return g.op("OneHot", [target, g.ints([classes]), values], { axis: 1 });
}
