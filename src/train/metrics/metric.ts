import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import type { TensorSpec } from "../losses/index.js";

/** A number about predictions that needs no gradient. Batches give counts that add up. */
export interface Metric {
  readonly name: string;
  /** Whether more is better. */
  readonly higherIsBetter: boolean;
  target(output: readonly number[]): TensorSpec;
  /** Nodes for the counts of one batch: a float32 list. */
  write(g: GraphBuilder, prediction: Value, target: Value, output: readonly number[]): Value;
  /** The metric from the counts of all batches. */
  finish(counts: Float64Array): number;
}
