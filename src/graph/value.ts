import type { LazyTensor } from "../tensor/index.js";
import type { Graph } from "./graph.js";
import type { Node } from "./node.js";
import type { ValueType } from "./types.js";

/** One reading of a value: `node.inputs[index]`. */
export interface Use {
  readonly node: Node;
  readonly index: number;
}

/**
 * A named edge of the graph. It has one source: a node's output, an initializer, or the caller
 * (a graph input); an initializer that is also a graph input is a default the caller may replace.
 */
export class Value {
  /** The node whose output this is; `null` for graph inputs and initializers. */
  producer: Node | null = null;
  /** The constant this name stands for, when it is an initializer. */
  initializer: LazyTensor | null = null;

  #uses: Use[] = [];

  /** Values are made by their graph: see {@link Graph.newValue}. */
  constructor(
    readonly graph: Graph,
    public name: string,
    public type: ValueType | null,
  ) {}

  /** Every place that reads this value as a node input, in subgraphs too. Graph outputs are not listed. */
  get uses(): readonly Use[] {
    return this.#uses;
  }

  /** The nodes that read this value, each once. */
  get consumers(): readonly Node[] {
    return [...new Set(this.#uses.map((use) => use.node))];
  }

  /** For {@link Node.setInput} alone. */
  addUse(node: Node, index: number): void {
    if (this.#uses.length > 0) this.#uses.push({ node, index });
    else this.#uses = [{ node, index }]; // most have one reader, and `push` would make room for 17
  }

  /** For {@link Node.setInput} alone. */
  removeUse(node: Node, index: number): void {
    const at = this.#uses.findIndex((use) => use.node === node && use.index === index);
    if (at >= 0) this.#uses.splice(at, 1);
  }

  /** Forgets every reader and says who they were. For {@link Graph.replaceUses} alone, which links them anew. */
  releaseUses(): readonly Use[] {
    const uses = this.#uses;
    this.#uses = [];
    return uses;
  }
}
