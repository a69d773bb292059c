import { constantTensor } from "../analysis/index.js";
import type { Model } from "../graph/index.js";
import { sum } from "../util/math.js";

/** What the weights of a model take, in bytes: initializers, and `Constant` nodes, as some exporters write them. */
export function weightBytesOf({ graph }: Model): number {
  return sum(Array.from(graph.values, (value) => constantTensor(value)?.byteLength ?? 0));
}
