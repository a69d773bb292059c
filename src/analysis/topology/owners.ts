import type { Model, Node } from "../../graph/index.js";

/** For nodes in subgraphs and in functions: the node of the main graph that runs them first. */
export function ownersOf(model: Model): ReadonlyMap<Node, Node> {
  const functions = new Map(
    model.functions.map((definition) => [
      `${definition.domain}:${definition.name}`,
      definition.body,
    ]),
  );
  const owners = new Map<Node, Node>();
  for (const owner of model.graph.nodes) {
    const pending = [owner];
    for (let node = pending.pop(); node; node = pending.pop()) {
      const called = functions.get(`${node.domain}:${node.op}`);
      for (const body of called ? [...node.subgraphs, called] : node.subgraphs)
        for (const inner of body.nodes) {
          if (owners.has(inner)) continue;
          owners.set(inner, owner);
          pending.push(inner);
        }
    }
  }
  return owners;
}
