import { type Node, type Value, valuesRead } from "../../graph/index.js";
import { isConvolution } from "../../ops/index.js";
import type { Topology } from "./topology.js";

/** How far along the way from input to output the nodes of a graph stand. */
export interface Depths {
  /** Convolutions before a node on the longest way to it; those inside gates are not counted. */
  readonly of: ReadonlyMap<Node, number>;
  /** Of the last convolution. */
  readonly most: number;
}

export function findDepths({ order, gates }: Topology): Depths {
  const before = new Map<Node, number>();
  const after = new Map<Value, number>();
  let most = 0;
  for (const node of order) {
    let depth = 0;
    for (const value of valuesRead(node)) depth = Math.max(depth, after.get(value) ?? 0);
    before.set(node, depth);
    const counts = isConvolution(node) && !gates.nodes.has(node);
    if (counts) most = Math.max(most, depth);
    for (const output of node.outputs) if (output) after.set(output, depth + (counts ? 1 : 0));
  }
  return { of: before, most };
}
