import { isOp, type Value } from "../graph/index.js";
import type { LazyTensor } from "../tensor/index.js";

/** The elements of an initializer or of a Constant node's output; null for any other value. */
export function constantTensor(value: Value): LazyTensor | null {
  if (value.initializer) return value.initializer;
  if (!isOp(value.producer, "Constant")) return null;
  const attribute = value.producer.attributes.get("value");
  return attribute?.type === "tensor" ? attribute.value : null;
}
