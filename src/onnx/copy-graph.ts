import {
  type Attribute,
  type FunctionDefinition,
  Graph,
  Model,
  type Node,
  type Value,
} from "../graph/index.js";
import type { GraphCarry } from "./carry.js";
import type { FunctionLookup } from "./function-calls.js";

/** Where nodes are copied from: what its values and attributes are at the place they are copied to. */
export interface Scope {
  readonly values: Copies;
  /** What the caller gives for the attributes a function names, and its defaults; null outside of functions. */
  readonly attributes: CallAttributes | null;
  /** The calls this is within, as a path. */
  readonly path: string;
}

interface CallAttributes {
  readonly given: ReadonlyMap<string, Attribute>;
  readonly defaults: ReadonlyMap<string, Attribute>;
}

/** Longer paths of calls are cut, so that names stay short however deep they are. */
const LONGEST_PATH = 160;

/** What stands for each value at the place it is copied to; null for an input the caller of a function left out. */
export interface Copies {
  get(value: Value): Value | null | undefined;
  has(value: Value): boolean;
  set(value: Value, copy: Value | null): unknown;
}

/** What a model says besides its graph and its functions, for a copy that a runtime shall load. */
export function modelAround(
  graph: Graph,
  { irVersion, producerName, producerVersion, opsets }: Model,
): Model {
  const model = new Model(graph);
  model.irVersion = irVersion;
  model.producerName = producerName;
  model.producerVersion = producerVersion;
  for (const [domain, version] of opsets) model.opsets.set(domain, version);
  return model;
}

/** What a body knows: its own, and what is around it. */
class Layer implements Copies {
  readonly #own = new Map<Value, Value | null>();
  constructor(readonly below: Copies) {}

  get(value: Value): Value | null | undefined {
    return this.#own.has(value) ? this.#own.get(value) : this.below.get(value);
  }
  has(value: Value): boolean {
    return this.#own.has(value) || this.below.has(value);
  }
  set(value: Value, copy: Value | null): void {
    this.#own.set(value, copy);
  }
}

/** Copies graphs node by node, and writes out the calls of functions that it is told of. */
export class GraphCopier {
  constructor(readonly lookup: FunctionLookup) {}

  graph(source: Graph, parent: Graph | null, scope: Scope): Graph {
    const graph = new Graph(parent);
    graph.name = source.name;
    for (const input of source.inputs) {
      const copy = graph.addInput(graph.freshName(input.name), input.type);
      copy.initializer = input.initializer;
      scope.values.set(input, copy);
    }
    this.fill(graph, source, scope);
    for (const output of source.outputs)
      graph.outputs.push(scope.values.get(output) ?? graph.newValue());
    graph.carry = sparseCarry(source, scope);
    return graph;
  }

  /** Copies what a graph holds besides its inputs and outputs. */
  fill(graph: Graph, source: Graph, scope: Scope): void {
    for (const value of source.values) {
      if (scope.values.has(value)) continue;
      const copy = graph.newValue(graph.freshName(joined(scope.path, value.name)), value.type);
      copy.initializer = value.initializer;
      scope.values.set(value, copy);
    }
    for (const node of source.nodes) this.#node(graph, node, scope);
  }

  #node(graph: Graph, node: Node, scope: Scope): void {
    const inputs = node.inputs.map((input) => input && (scope.values.get(input) ?? null));
    const outputs = node.outputs.map((output) => output && scope.values.get(output)!);
    const attributes = new Map<string, Attribute>();
    for (const [name, attribute] of node.attributes) {
      const copy = this.#attribute(graph, attribute, scope);
      if (copy) attributes.set(name, copy);
    }
    const called = this.lookup(node);
    if (called) {
      const path = joined(scope.path, node.label);
      this.#call(graph, called, inputs, outputs, attributes, path);
      return;
    }
    const { domain } = node;
    const name = node.name && joined(scope.path, node.name);
    const copy = graph.addNode(node.op, inputs, {
      name,
      domain,
      outputs,
      attributes: Object.fromEntries(attributes),
    });
    copy.carry = node.carry;
  }

  /** Puts the body of a function in the place of a call. */
  #call(
    graph: Graph,
    { body, attributeDefaults: defaults }: FunctionDefinition,
    inputs: readonly (Value | null)[],
    outputs: readonly (Value | null)[],
    given: ReadonlyMap<string, Attribute>,
    path: string,
  ): void {
    const values = new Map<Value, Value | null>();
    body.inputs.forEach((input, i) => {
      values.set(input, inputs[i] ?? null);
    });
    const passed: [Value, Value][] = [];
    body.outputs.forEach((output, i) => {
      const target = outputs[i];
      if (!target) return;
      if (values.has(output)) passed.push([output, target]);
      else values.set(output, target);
    });
    this.fill(graph, body, { values, attributes: { given, defaults }, path });
    // A function may give out what it was given, or one value twice.
    for (const [from, to] of passed)
      graph.addNode("Identity", [values.get(from) ?? null], { outputs: [to] });
  }

  #attribute(graph: Graph, attribute: Attribute, scope: Scope): Attribute | null {
    switch (attribute.type) {
      case "reference":
        return scope.attributes ? this.#referred(graph, attribute.value, scope) : attribute;
      case "graph":
        return { type: "graph", value: this.#body(attribute.value, graph, scope) };
      case "graphs":
        return {
          type: "graphs",
          value: attribute.value.map((body) => this.#body(body, graph, scope)),
        };
      default:
        return attribute;
    }
  }

  #body(source: Graph, parent: Graph, scope: Scope): Graph {
    return this.graph(source, parent, { ...scope, values: new Layer(scope.values) });
  }

  /** What an attribute of a function stands for; null when the caller left it out and it has no default. */
  #referred(graph: Graph, name: string, scope: Scope): Attribute | null {
    const given = scope.attributes?.given.get(name);
    if (given) return given;
    const fallback = scope.attributes?.defaults.get(name);
    return fallback && fallback.type !== "reference"
      ? this.#attribute(graph, fallback, scope)
      : null;
  }
}

function joined(path: string, name: string): string {
  if (path === "") return name;
  const whole = `${path}/${name}`;
  return whole.length > LONGEST_PATH ? `…${whole.slice(1 - LONGEST_PATH)}` : whole;
}

/** Sparse constants have no tensor in the graph, only a message that says what they are. */
function sparseCarry(source: Graph, { values }: Scope): GraphCarry | undefined {
  const carry = source.carry as GraphCarry | undefined;
  if (!carry || carry.sparseInitializers.length === 0) return undefined;
  const sparseInitializers = carry.sparseInitializers.flatMap((sparse) => {
    const value = values.get(sparse.value);
    return value ? [{ ...sparse, value }] : [];
  });
  const nothing = { proto: {}, inputs: new Map(), outputs: [], valueInfo: [], initializers: [] };
  return { ...nothing, sparseInitializers };
}
