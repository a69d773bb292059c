import type { DType } from "../tensor/index.js";

/** One axis of a shape: a size, a named size (`"batch"`), or `null` when the file does not say. */
export type Dim = number | string | null;

/** A tensor's type as a file declares it. `shape` is `null` when even the rank is unknown. */
export interface TensorType {
  readonly kind: "tensor";
  readonly dtype: DType;
  readonly shape: readonly Dim[] | null;
}

/** Sequences, maps, optionals and sparse tensors: kept for the way back, not looked into. */
export interface OpaqueType {
  readonly kind: "opaque";
  /** What the file says; the reader puts it here and the writer takes it back. */
  readonly carry?: unknown;
}

export type ValueType = TensorType | OpaqueType;

/** Shape of numbers only, or `null` when any axis is unknown or named. */
export function staticShape(type: ValueType | null): readonly number[] | null {
  if (type?.kind !== "tensor" || type.shape === null) return null;
  return type.shape.every((dim) => typeof dim === "number") ? (type.shape as number[]) : null;
}
