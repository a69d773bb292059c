import type { Node, Value } from "../../graph/index.js";
import { type Axis, FIXED, lengthOf, pin, unify } from "./layout.js";

/** What stands along each axis of a value; null when even their number is unknown, and all order is fixed. */
export type Axes = readonly Axis[] | null;

/** A weight `[rows, cols / G, ...k]` whose columns stand in another order for each of G blocks of rows. */
export interface GroupedWeight {
  readonly value: Value;
  readonly groups: readonly Axis[];
}

/** What a rule sees of its node, and what it can say of more than one axis. */
export interface RuleContext {
  readonly node: Node;
  /** Axes of an input. Whatever a rule does not ask for is pinned. */
  axes(index: number): Axes;
  /** Whole numbers of a constant input; null when left out, `undefined` when unknown. */
  integers(index: number): readonly number[] | null | undefined;
  /** The same for floats. */
  floats(index: number): readonly number[] | null | undefined;
  /** Notes the order of a grouped weight's columns; false when the weight is no constant of this node's own. */
  addGroupedWeight(index: number, groups: readonly Axis[]): boolean;
}

/** Axes of each output; null instead of the list pins all that the node reads. */
export type Rule = (context: RuleContext) => readonly Axes[] | null;

export const one = (axes: Axes): readonly Axes[] | null => axes && [axes];

/** An axis counted from the end becomes one counted from the start; null when there is none. */
export function axisOf(index: number, rank: number): number | null {
  const axis = index < 0 ? index + rank : index;
  return Number.isInteger(axis) && axis >= 0 && axis < rank ? axis : null;
}

/** Elementwise operands, aligned at their last axes; an axis of one element stands beside any. */
export function broadcast(operands: readonly Axes[]): Axes {
  let result: readonly Axis[] = [];
  for (const axes of operands) {
    if (!axes) return null;
    const [long, short] = axes.length >= result.length ? [axes, result] : [result, axes];
    const offset = long.length - short.length;
    result = long.map((axis, i) => (i < offset ? axis : broadcastAxis(axis, short[i - offset])));
  }
  return result;
}

function broadcastAxis(a: Axis, b: Axis): Axis {
  if (a === FIXED && b === FIXED) return FIXED;
  if (lengthOf(a) === 1) return b;
  if (lengthOf(b) === 1) return a;
  return unify(a, b);
}

/** Pins axes whose neighbours mean something, such as those of space. */
export function pinAll(axes: readonly Axis[]): void {
  axes.forEach(pin);
}
