import { classTarget, oneHot } from "../losses/cross-entropy.js";
import { sumOverAllButClass } from "../losses/dice.js";
import type { Metric } from "./metric.js";

/**
 * Intersection over union of each class over all pixels, the mean over the classes that occur in
 * predictions or targets. Predictions `[N, K, ...]` are logits, targets `[N, ...]` class numbers.
 */
export function meanIou(): Metric {
  return {
    name: "meanIou",
    higherIsBetter: true,
    target: classTarget("meanIou"),
    write(g, prediction, target, output) {
      const hot = (classes: typeof target) => oneHot(g, classes, output[1], { on: 1, off: 0 });
      const guess = hot(g.op("ArgMax", [prediction], { axis: 1, keepdims: 0 }));
      const truth = hot(target);
      const total = (x: typeof target) => sumOverAllButClass(g, x, output.length);
      const both = total(g.op("Mul", [guess, truth]));
      const either = g.op("Sub", [g.op("Add", [total(guess), total(truth)]), both]);
      return g.op("Concat", [both, either], { axis: 0 });
    },
    finish(counts) {
      const classes = counts.length / 2;
      const [both, either] = [counts.subarray(0, classes), counts.subarray(classes)];
      const scores = [...both].flatMap((count, k) => (either[k] > 0 ? [count / either[k]] : []));
      return scores.reduce((sum, score) => sum + score, 0) / scores.length;
    },
  };
}
