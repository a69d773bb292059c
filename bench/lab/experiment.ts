import type { WarmupPlan } from "../../src/train/index.js";
import type { LabNetOptions } from "./lab-net.js";

/** One way to build and train the network. */
export interface Arm {
  readonly name: string;
  readonly net: LabNetOptions;
  readonly warmup?: WarmupPlan;
  /** What the recipe's learning rate is multiplied by. Defaults to 1. */
  readonly rate?: number;
}

/** What the seed says of two arms. */
export interface Comparison {
  /** The claim, as a sentence that can be wrong. */
  readonly claim: string;
  /** The arm that the claim says is better, and the one it is better than. */
  readonly better: string;
  readonly worse: string;
  /** Of another difference that is taken away from this one: an interaction. */
  readonly minus?: { readonly better: string; readonly worse: string };
}

/** A controlled experiment on a claim of the seed. */
export interface Experiment {
  /** Name of its page in docs/evidence. */
  readonly id: string;
  readonly title: string;
  /** Rows of the seed, such as S21. */
  readonly seedRows: readonly string[];
  /** What the seed says, and what else could be meant by it. */
  readonly background: string;
  readonly arms: readonly Arm[];
  /** How often each arm is run. Defaults to what the recipe says. */
  readonly seeds?: number;
  readonly comparisons: readonly Comparison[];
  /** What the numbers cannot tell. */
  readonly limits: string;
}
