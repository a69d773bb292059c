import { GraphError } from "../util/errors.js";
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
  const waiting = new Map<Node, Set<Node>>();
  const readers = new Map<Node, Node[]>();
  for (const node of graph.nodes) {
    const before = new Set<Node>();
    for (const value of valuesRead(node)) {
      const producer = value.producer;
      if (producer?.graph !== graph) continue;
      before.add(producer);
    }
    waiting.set(node, before);
    for (const producer of before) {
      const list = readers.get(producer);
      if (list) list.push(node);
      else readers.set(producer, [node]);
    }
  }

  const position = new Map(graph.nodes.map((node, index) => [node, index]));
  const ready = new MinHeap<Node>((node) => position.get(node)!);
  for (const [node, before] of waiting) if (before.size === 0) ready.push(node);

  const order: Node[] = [];
  for (let node = ready.pop(); node; node = ready.pop()) {
    order.push(node);
    waiting.delete(node);
    for (const reader of readers.get(node) ?? []) {
      const before = waiting.get(reader)!;
      before.delete(node);
      if (before.size === 0) ready.push(reader);
    }
  }
  if (waiting.size > 0) throw new GraphError(`the graph has a cycle: ${describeCycle(waiting)}`);
  return order;
}

/** Every value a node reads: its inputs, and what its subgraphs read from outside themselves. */
export function valuesRead(node: Node): Value[] {
  const read = node.inputs.filter((input) => input !== null);
  for (const body of node.subgraphs) read.push(...capturedValues(body));
  return read;
}

/** The values a subgraph reads (or returns) that are not its own. */
export function capturedValues(body: Graph): Value[] {
  const captured = new Set<Value>(body.outputs.filter((output) => output.graph !== body));
  for (const node of body.nodes)
    for (const value of valuesRead(node)) if (value.graph !== body) captured.add(value);
  return [...captured];
}

function describeCycle(waiting: ReadonlyMap<Node, ReadonlySet<Node>>): string {
  const path = new Set<Node>();
  let node = waiting.keys().next().value!;
  while (!path.has(node)) {
    path.add(node);
    // Every node left over waits for another one left over, so the walk must come round.
    node = waiting.get(node)!.values().next().value!;
  }
  const walked = [...path];
  const loop = [...walked.slice(walked.indexOf(node)), node].reverse();
  const names = loop.map((member) => `"${printable(member.label, 60)}"`);
  if (names.length > 8) names.splice(4, names.length - 8, `... ${names.length - 8} more ...`);
  return names.join(" -> ");
}

/** Smallest key first. */
class MinHeap<T> {
  readonly #items: T[] = [];
  constructor(readonly key: (item: T) => number) {}

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.key(items[parent]) <= this.key(items[at])) return;
      [items[parent], items[at]] = [items[at], items[parent]];
      at = parent;
    }
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    items[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < items.length && this.key(items[left]) < this.key(items[least])) least = left;
      if (right < items.length && this.key(items[right]) < this.key(items[least])) least = right;
      if (least === at) return first;
      [items[least], items[at]] = [items[at], items[least]];
      at = least;
    }
  }
}
