import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import { describeCall } from "../../util/describe-call.js";
import { UsageError } from "../../util/errors.js";
import { range } from "../../util/math.js";
import { classTarget, oneHot } from "./cross-entropy.js";
import { type Loss, meanOfAll } from "./loss.js";

export interface DiceOptions {
  /** Added above and below the fraction, so that an empty class counts as found. Defaults to 1. */
  readonly smooth?: number;
}

/**
 * Soft Dice: `1 - 2 |P ∩ T| / (|P| + |T|)` of each class over batch and space, the mean over classes.
 * Predictions `[N, K, ...]` are logits; targets `[N, ...]` are class numbers.
 * Source: https://arxiv.org/abs/1606.04797, with the sums of V-Net's denominator not squared.
 *
 * @throws UsageError if `smooth` is no number of at least 0.
 */
export function dice({ smooth = 1 }: DiceOptions = {}): Loss {
  if (!(smooth >= 0 && Number.isFinite(smooth)))
    throw new UsageError(`dice: smooth=${smooth} must be a number of at least 0`);
  return {
    name: "dice",
    recipe: describeCall("dice", { smooth }),
    target: classTarget("dice"),
    write(g, prediction, target, output) {
      const found = g.op("Softmax", [prediction], { axis: 1 });
      const true_ = oneHot(g, target, output[1], { on: 1, off: 0 });
      const total = (x: Value) => sumOverAllButClass(g, x, output.length);
      const both = total(g.op("Mul", [found, true_]));
      const either = g.op("Add", [total(found), total(true_)]);
      const above = g.op("Add", [g.op("Mul", [both, g.scalar(2)]), g.scalar(smooth)]);
      const below = g.op("Add", [either, g.scalar(smooth)]);
      return g.op("Sub", [g.scalar(1), meanOfAll(g, g.op("Div", [above, below]))]);
    },
  };
}

/** `[N, K, ...]` -> `[K]`. */
export function sumOverAllButClass(g: GraphBuilder, x: Value, rank: number): Value {
  const axes = range(rank).filter((axis) => axis !== 1);
  return g.op("ReduceSum", [x, g.ints(axes)], { keepdims: 0 });
}
