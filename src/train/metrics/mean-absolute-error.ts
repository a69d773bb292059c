import type { Metric } from "./metric.js";

/** Mean of `|prediction - target|` over all elements. */
export function meanAbsoluteError(): Metric {
  return {
    name: "meanAbsoluteError",
    higherIsBetter: false,
    target: (output) => ({ dtype: "float32", shape: output }),
    write(g, prediction, target) {
      const apart = g.reshape(g.op("Abs", [g.op("Sub", [prediction, target])]), [-1]);
      const total = g.op("ReduceSum", [apart], { keepdims: 1 });
      const all = g.op("Cast", [g.op("Shape", [apart])], { to: 1 });
      return g.op("Concat", [total, all], { axis: 0 });
    },
    finish: ([total, all]) => total / all,
  };
}
