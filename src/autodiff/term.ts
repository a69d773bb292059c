import type { Value } from "../graph/index.js";

/** A value of the graph with its shape: what gradient rules compute with. */
export interface Term {
  readonly value: Value;
  readonly shape: readonly number[];
}

/** Shape of an element-wise result, as ONNX broadcasts: shapes aligned at their ends. */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}
