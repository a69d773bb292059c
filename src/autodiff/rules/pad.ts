import { intsAttribute, stringAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import type { Rule } from "../rule.js";
import type { Term } from "../term.js";
import { fromStart, onlyAt } from "./axis.js";

/** Pad with a constant cuts the middle out again; a reflected or repeated edge also gets its copies' share. */
export const pad: Rule = ({ g, node, inputs: [x], dy, integers }) => {
  const pads = intsAttribute(node, "pads") ?? integers(1)!;
  const axes = integers(3) ?? range(x!.shape.length);
  const mode = stringAttribute(node, "mode", "constant");
  return [
    () =>
      axes.reduce((gradient, named, i) => {
        const axis = fromStart(named, x!.shape.length);
        const [before, after] = [pads[i], pads[i + axes.length]];
        return mode === "constant"
          ? cutAxis(g, gradient, axis, before, after)
          : foldCopies(g, gradient, axis, x!.shape[axis], before, mode);
      }, dy),
  ];
};

function cutAxis(g: GradientBuilder, dy: Term, axis: number, before: number, after: number): Term {
  const rank = dy.shape.length;
  return g.pad(dy, onlyAt(rank, axis, -before), onlyAt(rank, axis, -after));
}

/** Each padded position is a copy of one inside: a matrix of ones says of which. */
function foldCopies(
  g: GradientBuilder,
  dy: Term,
  axis: number,
  size: number,
  before: number,
  mode: string,
): Term {
  const total = dy.shape[axis];
  if (total === size && before === 0) return dy;
  const copies = new Array<number>(total * size).fill(0);
  for (let i = 0; i < total; i++) copies[i * size + copiedFrom(i - before, size, mode)] = 1;
  return g.alongAxis(dy, axis, g.floats(copies, [total, size]));
}

/** The position inside that a padded position copies. */
function copiedFrom(i: number, size: number, mode: string): number {
  if (mode === "edge") return Math.max(0, Math.min(size - 1, i));
  if (mode === "wrap") return ((i % size) + size) % size;
  const period = 2 * (size - 1) || 1;
  const folded = ((i % period) + period) % period;
  return folded < size ? folded : period - folded;
}
