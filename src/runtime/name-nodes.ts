import { allNodes, type Model, type Node } from "../graph/index.js";

/**
 * Gives every node a name of its own, bodies included, as the runtime's profiler tells nodes by their names alone:
 * nodes without one it numbers after the graph was optimised, and namesakes it does not tell apart.
 */
export function nameNodes({ graph }: Model): void {
  const taken = new Set<string>();
  let number = 0;
  for (const node of allNodes(graph)) {
    let name = node.name || firstOutput(node);
    while (name === "" || taken.has(name)) name = graph.freshName(`${node.op}_${++number}`);
    node.name = name;
    taken.add(name);
  }
}

function firstOutput({ outputs }: Node): string {
  return outputs.find((output) => output)?.name ?? "";
}
