import { classTarget } from "../losses/cross-entropy.js";
import type { Metric } from "./metric.js";

/** Share of predictions `[N, K, ...]` whose largest logit is at the target class. */
export function accuracy(): Metric {
  return {
    name: "accuracy",
    higherIsBetter: true,
    target: classTarget("accuracy"),
    write(g, prediction, target) {
      const guess = g.op("ArgMax", [prediction], { axis: 1, keepdims: 0 });
      const right = g.op("Cast", [g.op("Equal", [guess, target])], { to: 1 });
      const flat = g.reshape(right, [-1]);
      const count = g.op("ReduceSum", [flat], { keepdims: 1 });
      const all = g.op("Cast", [g.op("Shape", [flat])], { to: 1 });
      return g.op("Concat", [count, all], { axis: 0 });
    },
    finish: ([right, all]) => right / all,
  };
}
