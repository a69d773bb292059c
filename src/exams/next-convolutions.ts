import type { Convolution } from "../analysis/index.js";
import type { Node, Value } from "../graph/index.js";

/** The convolutions that read a value next, whatever stands between them and it. */
export function nextConvolutions(
  start: Value,
  byNode: ReadonlyMap<Node, Convolution>,
): readonly Convolution[] {
  const next = new Set<Convolution>();
  const seen = new Set<Value>([start]);
  for (const value of seen)
    for (const reader of value.consumers) {
      const convolution = byNode.get(reader);
      if (convolution) next.add(convolution);
      else for (const output of reader.outputs) if (output) seen.add(output);
    }
  return [...next];
}
