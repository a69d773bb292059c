import type { Node, Value } from "../../graph/index.js";
import { DisjointSets } from "./disjoint-sets.js";
import { mainInputs } from "./main-inputs.js";
import type { Topology } from "./topology.js";

/**
 * Parts some nodes into pieces that hang together by maps: one reads what the other writes, or both read
 * the same.
 */
export function piecesOf({ data, places }: Topology, nodes: Iterable<Node>): Node[][] {
  const pieces = new DisjointSets<Node>();
  for (const node of nodes) pieces.add(node);
  const firstReader = new Map<Value, Node>();
  for (const node of nodes) {
    for (const input of mainInputs(node, data)) {
      if (places.get(input)?.form !== "map") continue;
      const neighbour = pieces.has(input.producer) ? input.producer : firstReader.get(input);
      if (neighbour) pieces.join(node, neighbour);
      else firstReader.set(input, node);
    }
  }
  return pieces.sets();
}
