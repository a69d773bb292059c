import type { Node } from "../graph/index.js";
import { MinHeap } from "../util/min-heap.js";

/** Nodes to visit, each once, in topological order. */
export class WorkList {
  readonly #waiting = new MinHeap();
  readonly #seen = new Set<Node>();

  constructor(
    readonly terrain: {
      readonly order: readonly Node[];
      readonly position: ReadonlyMap<Node, number>;
    },
  ) {}

  push(node: Node): void {
    if (this.#seen.has(node)) return;
    this.#seen.add(node);
    this.#waiting.push(this.terrain.position.get(node)!);
  }

  pop(): Node | undefined {
    const position = this.#waiting.pop();
    return position === undefined ? undefined : this.terrain.order[position];
  }
}
