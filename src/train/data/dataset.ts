import type { NumericDType, Tensor } from "../../tensor/index.js";

/** Examples put together along a new first axis. */
export interface Batch {
  readonly input: Tensor<"float32">;
  /** By the name of the network's output they belong to; `output` where there is one. */
  readonly targets: Readonly<Record<string, Tensor>>;
}

/** What one example is made of; shapes without the batch axis. */
export interface ExampleSpec {
  readonly input: readonly number[];
  readonly targets: Readonly<
    Record<string, { readonly dtype: NumericDType; readonly shape: readonly number[] }>
  >;
}

/** Examples by number, 0 to `size - 1`. */
export interface Dataset {
  readonly size: number;
  readonly example: ExampleSpec;
  /** The examples of these numbers, in this order. The same numbers give the same examples. */
  batch(indices: readonly number[]): Batch | Promise<Batch>;
}
