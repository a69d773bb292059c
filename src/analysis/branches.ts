import {
  allNodes,
  type Graph,
  isOp,
  type Node,
  topologicalOrder,
  type Value,
  valuesRead,
} from "../graph/index.js";

/**
 * An If runs one of two graphs that read what is around it and return to it, so its branches are looked at as
 * part of the graph it stands in.
 */

/** The nodes of a graph, each after what it reads, those in the branches of an If before the If. */
export function orderWithBranches(graph: Graph): Node[] {
  return topologicalOrder(graph).flatMap((node) => [
    ...branchesOf(node).flatMap(orderWithBranches),
    node,
  ]);
}

/** The graphs of a node that are looked at as part of its own. */
export function branchesOf(node: Node): readonly Graph[] {
  return isOp(node, "If") ? node.subgraphs : [];
}

/** A graph and the branches in it. */
export function* graphsWithBranches(graph: Graph): Generator<Graph> {
  yield graph;
  for (const node of graph.nodes)
    for (const branch of branchesOf(node)) yield* graphsWithBranches(branch);
}

/** What a node reads: an If, what its branches return. */
export function valuesReadBy(node: Node): (Value | null)[] {
  return [...node.inputs, ...branchesOf(node).flatMap((branch) => branch.outputs)];
}

/** The same, and what bodies of loops read from around them. */
export function allValuesReadBy(node: Node): (Value | null)[] {
  return branchesOf(node).length > 0 ? valuesReadBy(node) : valuesRead(node);
}

/** For each branch, the graph its If stands in, be it a branch too; for every other graph itself. */
export function outermostGraphs(graph: Graph): (graph: Graph) => Graph {
  const around = new Map<Graph, Graph>();
  for (const node of allNodes(graph))
    for (const branch of branchesOf(node)) around.set(branch, node.graph);
  return (inner) => {
    let outer = inner;
    for (let next = around.get(outer); next; next = around.get(outer)) outer = next;
    return outer;
  };
}

/** Is a graph another one, or in a body of it? */
export function isWithin(graph: Graph, outer: Graph): boolean {
  for (let around: Graph | null = graph; around; around = around.parent)
    if (around === outer) return true;
  return false;
}
