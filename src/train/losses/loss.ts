import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import type { NumericDType } from "../../tensor/index.js";

/** What a tensor has to be. */
export interface TensorSpec {
  readonly dtype: NumericDType;
  readonly shape: readonly number[];
  /** For class numbers: each is at least 0 and less than this. */
  readonly classes?: number;
}

/**
 * How far one output of a network is from its target: a number, the mean over the batch. It writes the
 * nodes that compute it; its gradient follows from them.
 */
export interface Loss {
  readonly name: string;
  /** Name and options, which a resumed training must find again. Defaults to the name. */
  readonly recipe?: string;
  /** The target that goes with an output of this shape. Throws ShapeError for a shape it has none for. */
  target(output: readonly number[]): TensorSpec;
  /** @param output Shape of `prediction`; the first axis, the batch, is -1 where it may be of any size. */
  write(g: GraphBuilder, prediction: Value, target: Value, output: readonly number[]): Value;
}

/** Mean over every element, shape `[]`. */
export function meanOfAll(g: GraphBuilder, x: Value): Value {
  return g.op("ReduceMean", [x], { keepdims: 0 });
}
