import type { Node, Value } from "../../graph/index.js";
import { isStandardDomain } from "../../graph/index.js";
import type { Shapes } from "../../runtime/index.js";
import type { AtomSets, SetId } from "./atom-sets.js";
import type { Labels } from "./labels.js";

/** What a rule sees of its node. */
export interface RuleContext {
  readonly node: Node;
  readonly sets: AtomSets;
  /** Version of the standard operator set. */
  readonly opset: number;
  /** Labels of each input; null for constants and inputs left out. */
  readonly inputs: readonly (Labels | null)[];
  /** Changes a set to one of the same groups that meet in a factor or a statistic only. */
  readonly toGain: (id: SetId) => SetId;
  /** Shape of input number `index`, where it is known. */
  inShape(index: number): readonly number[] | null;
  outShape(index: number): readonly number[] | null;
  /** Whole numbers of a constant input such as axes; null when left out, `undefined` when unknown. */
  integers(index: number): readonly number[] | null | undefined;
}

/** Labels of each output; null instead of the list when the rule cannot say. */
export type Rule = (context: RuleContext) => readonly (Labels | null)[] | null;

/** The answer of a rule with one output. */
export function one(labels: Labels | null): readonly (Labels | null)[] | null {
  return labels && [labels];
}

/** An index counted from the end becomes one counted from the start. */
export function positive(index: number, size: number): number {
  return index < 0 ? index + size : index;
}

/** The same for an axis; null when there is no such axis. */
export function axisOf(index: number, rank: number): number | null {
  const axis = positive(index, rank);
  return axis >= 0 && axis < rank ? axis : null;
}

export function axesOf(indices: readonly number[], rank: number): readonly number[] | null {
  const axes = indices.map((index) => axisOf(index, rank));
  return axes.every((axis) => axis !== null) ? axes : null;
}

/** The name of a node's operator in the table of rules: with its domain, unless that is the standard one. */
export function ruleName(node: Node): string {
  return isStandardDomain(node.domain) ? node.op : `${node.domain}.${node.op}`;
}

export function shapeOf(
  shapes: Shapes | null,
  value: Value | null | undefined,
): readonly number[] | null {
  return (value && shapes?.get(value)) ?? null;
}
