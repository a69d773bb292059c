import { intsAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import type { Rule } from "../rule.js";
import type { Term } from "../term.js";
import { fromStart, onlyAt } from "./axis.js";

/** Slice: the gradient goes back to where it was cut out, with zeros around and, for steps, between. */
export const slice: Rule = ({ g, node, inputs: [x], dy, integers }) => {
  const starts = intsAttribute(node, "starts") ?? integers(1)!;
  const axes = intsAttribute(node, "axes") ?? integers(3) ?? range(starts.length);
  const steps = integers(4) ?? starts.map(() => 1);
  return [
    () =>
      axes.reduce((gradient, named, i) => {
        const axis = fromStart(named, x!.shape.length);
        return putBack(g, gradient, axis, x!.shape[axis], starts[i], steps[i]);
      }, dy),
  ];
};

/** Puts the elements of one axis back at `start`, `start + step`, ... of `size`. */
function putBack(
  g: GradientBuilder,
  dy: Term,
  axis: number,
  size: number,
  start: number,
  step: number,
): Term {
  const count = dy.shape[axis];
  if (count === 0) return g.full(dy.shape.with(axis, size), 0);
  const first = Math.max(0, Math.min(size - 1, fromStart(start, size)));
  const lowest = step > 0 ? first : first + (count - 1) * step;
  const ascending = step > 0 ? dy : g.reverse(dy, [axis]);
  const spaced = spaceOut(g, ascending, axis, Math.abs(step));
  const rank = dy.shape.length;
  const behind = size - lowest - spaced.shape[axis];
  return g.pad(spaced, onlyAt(rank, axis, lowest), onlyAt(rank, axis, behind));
}

/** Puts `step - 1` zeros between neighbours along an axis. */
function spaceOut(g: GradientBuilder, x: Term, axis: number, step: number): Term {
  const count = x.shape[axis];
  if (step === 1 || count === 1) return x;
  const [head, tail] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const apart = g.reshape(x, [...head, count, 1, ...tail]);
  const rank = apart.shape.length;
  const padded = g.pad(apart, onlyAt(rank, axis, 0), onlyAt(rank, axis + 1, step - 1));
  const joined = g.reshape(padded, [...head, count * step, ...tail]);
  return g.slice(joined, [{ axis, start: 0, end: (count - 1) * step + 1 }]);
}
