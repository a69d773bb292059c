import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import { type Loss, meanOfAll } from "./loss.js";

/** Mean of `(prediction - target)^2` over all elements. */
export function mse(): Loss {
  return elementwise("mse", (g, prediction, target) => {
    const apart = g.op("Sub", [prediction, target]);
    return g.op("Mul", [apart, apart]);
  });
}

/** Mean of `|prediction - target|` over all elements. */
export function l1(): Loss {
  return elementwise("l1", (g, prediction, target) =>
    g.op("Abs", [g.op("Sub", [prediction, target])]),
  );
}

/**
 * Binary cross-entropy on logits, as PyTorch's `BCEWithLogitsLoss`: targets from 0 to 1, float32, of the
 * prediction's shape. `softplus(x) - x t` is `-t log(p) - (1 - t) log(1 - p)` with `p = sigmoid(x)`.
 */
export function bce(): Loss {
  return elementwise("bce", (g, prediction, target) =>
    g.op("Sub", [g.op("Softplus", [prediction]), g.op("Mul", [prediction, target])]),
  );
}

/** Targets are like predictions; the mean over all elements. */
function elementwise(
  name: string,
  write: (g: GraphBuilder, prediction: Value, target: Value) => Value,
): Loss {
  return {
    name,
    target: (output) => ({ dtype: "float32", shape: output }),
    write: (g, prediction, target) => meanOfAll(g, write(g, prediction, target)),
  };
}
