import { constantTensor } from "../../analysis/index.js";
import { isOp, type Value } from "../../graph/index.js";
import type { LazyTensor } from "../../tensor/index.js";

/** A constant's elements; exporters let layers with equal ones share them, by way of Identity. */
export function storedTensor(value: Value | null): LazyTensor | null {
  let source = value;
  while (source && isOp(source.producer, "Identity")) source = source.producer.inputs[0];
  return source && constantTensor(source);
}
