import type { Node } from "../../graph/index.js";
import type { Topology } from "./topology.js";

/** The nodes from which one of the targets can be reached by maps alone, the targets included. */
export function leadsTo(topology: Topology, targets: ReadonlySet<Node>): ReadonlySet<Node> {
  const { order, places } = topology;
  const leading = new Set<Node>();
  for (const node of order.toReversed()) {
    const leads = node.outputs.some(
      (output) =>
        output &&
        places.get(output)?.form === "map" &&
        output.consumers.some((reader) => leading.has(reader)),
    );
    if (leads || targets.has(node)) leading.add(node);
  }
  return leading;
}
