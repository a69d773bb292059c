import type { Tensors } from "../runtime/index.js";

/** Something that was to be a sample and could not be read. */
export interface SkippedSample {
  readonly name: string;
  readonly reason: string;
}

/** What the numbers of a report were measured on. */
export interface DataSummary {
  /** In words: `12 images of examples/images`, `x.npy`. */
  readonly source: string;
  /** Drawn here and not the person's: what the numbers say of real data is then open. */
  readonly synthetic: boolean;
  /** Of synthetic data; null otherwise. */
  readonly seed: number | null;
  readonly samples: number;
  readonly inputs: readonly {
    readonly name: string;
    readonly dtype: string;
    /** Of a full batch. */
    readonly shape: readonly number[];
  }[];
  readonly skipped: readonly SkippedSample[];
  /** Samples left over where the model takes only full batches. */
  readonly leftOver: number;
}

/** Batches for a model's inputs, checked against it. A batch can be asked for any number of times. */
export interface ExamData {
  readonly summary: DataSummary;
  /** Shapes of the inputs in a full batch, by name. */
  readonly inputShapes: Readonly<Record<string, readonly number[]>>;
  readonly batchCount: number;
  /**
   * Every free input of the model by name. The last batch may be smaller along axis 0, where the model
   * leaves that open.
   * @throws UsageError when the samples hold NaN or infinity.
   */
  batch(index: number): Promise<Tensors>;
}
