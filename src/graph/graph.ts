import type { LazyTensor } from "../tensor/index.js";
import { GraphError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { type AttributeLike, attributeOf } from "./attribute.js";
import { checkVisible, Node } from "./node.js";
import type { ValueType } from "./types.js";
import { Value } from "./value.js";

export interface NodeOptions {
  readonly name?: string;
  /** Operator set; `""`, the default, is the standard one. */
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeLike | undefined>>;
  /** Output values, made beforehand; by default one new value. */
  readonly outputs?: readonly (Value | null)[];
  /** Place in `nodes`; the end by default. */
  readonly at?: number;
}

/**
 * Nodes and the values between them. Links run both ways (`value.producer`, `value.uses`) and are kept
 * by the methods here and {@link Node.setInput}; nothing else changes them. A subgraph reads the values
 * of its parents directly.
 */
export class Graph {
  name = "";
  docString: string | undefined;
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly metadata = new Map<string, string>();
  /** What the file says and the graph does not model; the reader puts it here and the writer takes it back. */
  carry: unknown = undefined;

  readonly #nodes: Node[] = [];
  readonly #values = new Map<string, Value>();
  #fresh = 0;

  constructor(readonly parent: Graph | null = null) {}

  /** In the file's order, which need not be topological: see `topologicalOrder`. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** Every value of this graph, without its parents'. */
  get values(): Iterable<Value> {
    return this.#values.values();
  }

  /** The values that are constants of the file. */
  get initializers(): readonly Value[] {
    return [...this.#values.values()].filter((value) => value.initializer !== null);
  }

  /** The inputs a caller has to give: those without a default. */
  get freeInputs(): readonly Value[] {
    return this.inputs.filter((input) => input.initializer === null);
  }

  /** The value of this name here or in a parent. */
  find(name: string): Value | undefined {
    return this.#values.get(name) ?? this.parent?.find(name);
  }

  /**
   * Makes a value nobody produces yet.
   * @throws GraphError when the name is taken in this graph, or is empty, which stands for "left out".
   */
  newValue(name: string = this.freshName("value"), type: ValueType | null = null): Value {
    this.#checkFree(name);
    const value = new Value(this, name, type);
    this.#values.set(name, value);
    return value;
  }

  addInput(name: string, type: ValueType | null): Value {
    const value = this.newValue(name, type);
    this.inputs.push(value);
    return value;
  }

  /** Adds a constant under a new name. */
  addInitializer(tensor: LazyTensor, name: string = this.freshName("constant")): Value {
    const value = this.newValue(name, { kind: "tensor", dtype: tensor.dtype, shape: tensor.shape });
    value.initializer = tensor;
    return value;
  }

  /**
   * Adds an operator call. It may read the values of this graph and of its parents.
   * @throws GraphError when it reads or writes a value of another graph, or an output has a producer.
   */
  addNode(op: string, inputs: readonly (Value | null)[], options: NodeOptions = {}): Node {
    for (const input of inputs) if (input) checkVisible(this, input, options.name || op);
    const outputs = options.outputs ?? [this.newValue(this.freshName(options.name || op))];
    for (const output of outputs) {
      if (output && output.graph !== this)
        throw new GraphError(
          `"${printable(options.name || op)}" cannot write "${printable(output.name)}", a value of another graph`,
        );
      if (output?.producer || output?.initializer)
        throw new GraphError(`"${printable(output.name)}" has two producers; a value has one`);
    }
    const attributes = new Map(
      Object.entries(options.attributes ?? {})
        .filter((entry): entry is [string, AttributeLike] => entry[1] !== undefined)
        .map(([name, value]) => [name, attributeOf(value)]),
    );
    const { domain = "", name = "" } = options;
    const node = new Node(this, op, domain, inputs, outputs, attributes, name);
    this.#nodes.splice(options.at ?? this.#nodes.length, 0, node);
    return node;
  }

  /** Takes a node out, with its output values. @throws GraphError when an output is still read. */
  removeNode(node: Node): void {
    for (const output of node.outputs) {
      if (!output) continue;
      if (output.uses.length > 0 || this.outputs.includes(output))
        throw new GraphError(
          `cannot remove "${printable(node.label)}": its output "${printable(output.name)}" is still read`,
        );
    }
    const at = this.#nodes.indexOf(node);
    if (at < 0) throw new GraphError(`"${printable(node.label)}" is not a node of this graph`);
    this.#nodes.splice(at, 1);
    unlink(node);
    for (const output of node.outputs) {
      if (!output) continue;
      output.producer = null;
      this.#values.delete(output.name);
    }
  }

  /** Takes a value out that nobody produces, reads or returns. */
  removeValue(value: Value): void {
    this.#checkOwn(value);
    if (value.producer || value.uses.length > 0 || this.outputs.includes(value))
      throw new GraphError(`cannot remove "${printable(value.name)}": it is still linked`);
    this.#values.delete(value.name);
    const at = this.inputs.indexOf(value);
    if (at >= 0) this.inputs.splice(at, 1);
  }

  /**
   * Every reader of `from`, and the graph's outputs, read `to` instead.
   * @throws GraphError when a reader cannot see `to`.
   */
  replaceUses(from: Value, to: Value): void {
    for (const { node } of from.uses) checkVisible(node.graph, to, node.label);
    for (const { node, index } of from.releaseUses()) node.setInput(index, to);
    this.outputs.forEach((output, index) => {
      if (output === from) this.outputs[index] = to;
    });
  }

  rename(value: Value, name: string): void {
    this.#checkOwn(value);
    if (value.name === name) return;
    this.#checkFree(name);
    this.#values.delete(value.name);
    value.name = name;
    this.#values.set(name, value);
  }

  /** A name no value here or in a parent has yet: `stem`, `stem_1`, `stem_2`, ... */
  freshName(stem: string): string {
    if (!this.find(stem)) return stem;
    let name: string;
    do name = `${stem}_${++this.#fresh}`;
    while (this.find(name));
    return name;
  }

  #checkFree(name: string): void {
    if (name === "") throw new GraphError("a value must have a name; the empty one means none");
    if (this.#values.has(name))
      throw new GraphError(
        `two values of the graph are named "${printable(name)}"; names must be unique`,
      );
  }

  #checkOwn(value: Value): void {
    if (this.#values.get(value.name) !== value)
      throw new GraphError(`"${printable(value.name)}" is not a value of this graph`);
  }
}

/** Lets go of all a node reads, in its subgraphs too. */
function unlink(node: Node): void {
  node.inputs.forEach((_, index) => {
    node.setInput(index, null);
  });
  for (const body of node.subgraphs) body.nodes.forEach(unlink);
}
