import type { GraphBuilder, Value } from "groupconv";
import type { Loss, Metric } from "groupconv/train";

/** A box for each place, and a fifth channel that is 1 where there is one: `[N, 4, ...]` -> `[N, 5, ...]`. */
const boxTarget: Loss["target"] = (output) => ({ dtype: "float32", shape: output.with(1, 5) });

const parts = (g: GraphBuilder, target: Value) =>
  g.ops("Split", [target, g.ints([4, 1])], { axis: 1 }, 2);
const total = (g: GraphBuilder, x: Value) => g.op("ReduceSum", [x], { keepdims: 0 });

/**
 * Focal loss with exponent 2: a place that is already right counts for little, so that the many empty ones
 * do not drown the few others. Source: https://arxiv.org/abs/1708.02002, without its factor alpha.
 */
export function focal(): Loss {
  return {
    name: "focal",
    target: (output) => ({ dtype: "float32", shape: output }),
    write(g, logits, target) {
      const apart = g.op("Sub", [target, g.op("Sigmoid", [logits])]);
      const surprise = g.op("Sub", [g.op("Softplus", [logits]), g.op("Mul", [logits, target])]);
      const terms = g.op("Mul", [g.op("Mul", [apart, apart]), surprise]);
      return g.op("Div", [total(g, terms), g.op("Max", [total(g, target), g.scalar(1)])]);
    },
  };
}

/** Mean distance between the sides of boxes, in cells, where there are boxes. */
export function boxDistance(): Loss {
  return {
    name: "boxDistance",
    target: boxTarget,
    write(g, prediction, target) {
      const [box, present] = parts(g, target);
      const apart = g.op("Mul", [g.op("Abs", [g.op("Sub", [prediction, box])]), present]);
      const sides = g.op("Mul", [g.op("Max", [total(g, present), g.scalar(1)]), g.scalar(4)]);
      return g.op("Div", [total(g, apart), sides]);
    },
  };
}

/** Mean intersection over union of the boxes where there are boxes. */
export function boxIou(): Metric {
  return {
    name: "iou",
    higherIsBetter: true,
    target: boxTarget,
    write(g, prediction, target) {
      const [box, present] = parts(g, target);
      const guess = g.op("Relu", [prediction]);
      const area = (sides: Value) => {
        const [start, end] = g.ops("Split", [sides, g.ints([2, 2])], { axis: 1 }, 2);
        const [width, height] = g.ops(
          "Split",
          [g.op("Add", [start, end]), g.ints([1, 1])],
          { axis: 1 },
          2,
        );
        return g.op("Mul", [width, height]);
      };
      const both = area(g.op("Min", [guess, box]));
      const either = g.op("Sub", [g.op("Add", [area(guess), area(box)]), both]);
      const iou = g.op("Div", [both, g.op("Max", [either, g.scalar(1e-6)])]);
      const found = total(g, g.op("Mul", [iou, present]));
      return g.op(
        "Concat",
        [found, total(g, present)].map((x) => g.reshape(x, [1])),
        { axis: 0 },
      );
    },
    finish: ([iou, boxes]) => iou / boxes,
  };
}

/** Harmonic mean of precision and recall of logits above 0. */
export function f1(): Metric {
  return {
    name: "f1",
    higherIsBetter: true,
    target: (output) => ({ dtype: "float32", shape: output }),
    write(g, prediction, target) {
      const guess = g.op("Cast", [g.op("Greater", [prediction, g.scalar(0)])], { to: 1 });
      const right = total(g, g.op("Mul", [guess, target]));
      const counts = [right, total(g, guess), total(g, target)];
      return g.op(
        "Concat",
        counts.map((x) => g.reshape(x, [1])),
        { axis: 0 },
      );
    },
    finish: ([right, guessed, true_]) => (2 * right) / (guessed + true_),
  };
}
