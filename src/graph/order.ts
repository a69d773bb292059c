import { GraphError } from "../util/errors.js";
import { MinHeap } from "../util/min-heap.js";
import { printable } from "../util/text.js";
import type { Graph } from "./graph.js";
import type { Node } from "./node.js";
import type { Value } from "./value.js";

/**
 * The nodes of one graph so that each comes after what it reads, and in the given order where that is
 * free. What a subgraph reads, its owner reads.
 * @throws GraphError naming the nodes of a cycle.
 */
export function topologicalOrder(graph: Graph): Node[] {
  const nodes = graph.nodes;
  const position = new Map(nodes.map((node, index) => [node, index]));
  const before = nodes.map((node) => producersOf(node, graph, position));
  if (before.every((producers, index) => producers.every((producer) => producer < index)))
    return [...nodes];

  const after: number[][] = nodes.map(() => []);
  const waitsFor = before.map((producers) => producers.length);
  before.forEach((producers, index) => {
    for (const producer of producers) after[producer].push(index);
  });
  const ready = new MinHeap();
  waitsFor.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });

  const order: Node[] = [];
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    order.push(nodes[index]);
    for (const reader of after[index]) if (--waitsFor[reader] === 0) ready.push(reader);
  }
  if (order.length < nodes.length)
    throw new GraphError(`the graph has a cycle: ${describeCycle(nodes, before, waitsFor)}`);
  return order;
}

/** Places of the nodes this one comes after; one that it reads twice is there twice. */
function producersOf(node: Node, graph: Graph, position: ReadonlyMap<Node, number>): number[] {
  const places: number[] = [];
  for (const { producer } of valuesRead(node)) {
    const place = producer?.graph === graph ? position.get(producer) : undefined;
    if (place !== undefined) places.push(place);
  }
  return places;
}

/** Every value a node reads: its inputs, and what its subgraphs read from outside themselves. */
export function valuesRead(node: Node): Value[] {
  const read = node.inputs.filter((input) => input !== null);
  for (const body of node.subgraphs) for (const value of capturedValues(body)) read.push(value);
  return read;
}

/** The values a subgraph reads (or returns) that are not its own. */
export function capturedValues(body: Graph): Value[] {
  const captured = new Set<Value>(body.outputs.filter((output) => output.graph !== body));
  for (const node of body.nodes)
    for (const value of valuesRead(node)) if (value.graph !== body) captured.add(value);
  return [...captured];
}

function describeCycle(
  nodes: readonly Node[],
  before: readonly (readonly number[])[],
  waitsFor: readonly number[],
): string {
  const path = new Set<number>();
  let index = waitsFor.findIndex((count) => count > 0);
  while (!path.has(index)) {
    path.add(index);
    // Every node left over waits for another one left over, so the walk must come round.
    index = before[index].find((producer) => waitsFor[producer] > 0)!;
  }
  const walked = [...path];
  const loop = [...walked.slice(walked.indexOf(index)), index].reverse().map((i) => nodes[i]);
  const names = (members: readonly Node[]) =>
    members.map((member) => `"${printable(member.label, 60)}"`);
  if (loop.length <= 8) return names(loop).join(" -> ");
  const hidden = `... ${loop.length - 8} more ...`;
  return [...names(loop.slice(0, 4)), hidden, ...names(loop.slice(-4))].join(" -> ");
}
