import type { Node } from "../graph/index.js";
import type { GradientBuilder } from "./gradient-builder.js";
import type { Term } from "./term.js";

/** What a gradient rule sees. */
export interface RuleContext {
  readonly g: GradientBuilder;
  readonly node: Node;
  /** Inputs of the node; undefined for one that is left out. */
  readonly inputs: readonly (Term | undefined)[];
  readonly outputs: readonly (Term | undefined)[];
  /** Gradient of the loss with respect to the first output (of Split: one that it depends on). */
  readonly dy: Term;
  /** The same for every output; undefined where the loss does not depend on it. */
  readonly dys: readonly (Term | undefined)[];
  /** Whole numbers of a constant input such as axes; undefined when it is left out. Throws when unknown. */
  readonly integers: (index: number) => readonly number[] | undefined;
}

/** How the gradient reaches one input: built only when somebody asks for it. `null`: it does not. */
export type InputGradient = (() => Term) | null;

/**
 * The gradients of a node's inputs, in their order. Inputs past the end of the list (axes, shapes) have
 * no rule: to need theirs is refused.
 */
export type Rule = (context: RuleContext) => readonly InputGradient[];

/** Why an operator has no gradient, in a few words: `"is piecewise constant"`. */
export interface NoGradient {
  readonly noGradient: string;
}

/** The gradient is zero almost everywhere, or the output is no number: nothing flows back. */
export function stops(noGradient: string): NoGradient {
  return { noGradient };
}
