import { GraphError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { type Attribute, subgraphsOf } from "./attribute.js";
import type { Graph } from "./graph.js";
import type { Value } from "./value.js";

/** One operator call. `null` stands for an optional input or output left out. */
export class Node {
  name: string;
  docString: string | undefined;
  /** What the file says and the graph does not model; the reader puts it here and the writer takes it back. */
  carry: unknown = undefined;

  readonly #inputs: (Value | null)[];
  #metadata: Map<string, string> | undefined;

  /** Nodes are made by their graph: see {@link Graph.addNode}. */
  constructor(
    readonly graph: Graph,
    /** Operator name, such as `"Conv"`. */
    readonly op: string,
    /** Operator set; `""` is the standard one. */
    readonly domain: string,
    inputs: readonly (Value | null)[],
    readonly outputs: readonly (Value | null)[],
    readonly attributes: Map<string, Attribute>,
    name: string,
  ) {
    this.name = name;
    this.#inputs = [...inputs];
    inputs.forEach((input, index) => {
      input?.addUse(this, index);
    });
    for (const output of outputs) if (output) output.producer = this;
  }

  /** Named notes of the file's maker. */
  get metadata(): Map<string, string> {
    this.#metadata ??= new Map(); // most nodes have none
    return this.#metadata;
  }

  get inputs(): readonly (Value | null)[] {
    return this.#inputs;
  }

  /**
   * Makes `value` input number `index`; inputs between the old end and `index` are left out.
   * @throws GraphError when the value is of a graph this node cannot see.
   */
  setInput(index: number, value: Value | null): void {
    if (value) checkVisible(this.graph, value, this.label);
    while (this.#inputs.length <= index) this.#inputs.push(null);
    this.#inputs[index]?.removeUse(this, index);
    this.#inputs[index] = value;
    value?.addUse(this, index);
  }

  /** The bodies of control flow: If, Loop and Scan. */
  get subgraphs(): readonly Graph[] {
    const bodies: Graph[] = [];
    for (const attribute of this.attributes.values())
      for (const body of subgraphsOf(attribute)) bodies.push(body);
    return bodies;
  }

  /** What to call this node in a message: its name, else that of its first output. */
  get label(): string {
    return this.name || this.outputs.find((output) => output)?.name || this.op;
  }
}

/** @throws GraphError unless the value is of this graph or of one around it. */
export function checkVisible(graph: Graph, value: Value, reader: string): void {
  for (let scope: Graph | null = graph; scope; scope = scope.parent)
    if (scope === value.graph) return;
  throw new GraphError(
    `"${printable(reader)}" cannot read "${printable(value.name)}", a value of another graph`,
  );
}
