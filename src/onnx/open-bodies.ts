import {
  allNodes,
  type Graph,
  intAttribute,
  intsAttribute,
  isOp,
  type Model,
  type Node,
  type Value,
} from "../graph/index.js";
import { full, type LazyTensor } from "../tensor/index.js";
import { GraphCopier, modelAround, type Scope } from "./copy-graph.js";

/** Bodies within bodies are written once more for each one around them; models with more nodes are left closed. */
const MOST_NODES = 2 ** 17;

export interface OpenedModel {
  /** For a runtime that shall infer shapes, not for one that shall run it. */
  readonly model: Model;
  /** What stands in the main graph of `model` for each value of the original, those of opened bodies included. */
  readonly copies: ReadonlyMap<Value, Value>;
  /** Loops and scans: what each hands on from one iteration to the next. */
  readonly carried: readonly CarriedValue[];
}

/** A value of a loop, as it comes into an iteration and as it goes into the next. Both are of the original. */
export interface CarriedValue {
  readonly body: Graph;
  readonly before: Value;
  readonly after: Value;
}

/**
 * A copy of a model in which what stands in the bodies of If, Loop and Scan stands beside them in the main graph
 * too, so that a runtime asked for the values of the main graph tells of those in bodies. Both branches of an
 * If are there, and of a loop its first iteration: what it carries is as the loop is given it, a scan reads the
 * first slice. Null when there are no bodies, or too many. Weights are not read.
 */
export function openBodies(model: Model): OpenedModel | null {
  const owners = [...allNodes(model.graph)].filter(({ subgraphs }) => subgraphs.length > 0);
  if (owners.length === 0 || timesWritten(model.graph, 1) > MOST_NODES) return null;
  const values = new Map<Value, Value | null>();
  const copier = new GraphCopier(() => null);
  const graph = copier.graph(model.graph, null, { values, attributes: null, path: "" });
  const opener = new Opener(graph, values, copier);
  for (const node of model.graph.nodes) opener.open(node, "");
  const copies = new Map<Value, Value>();
  for (const [value, copy] of values) if (copy) copies.set(value, copy);
  return { model: modelAround(graph, model), copies, carried: opener.carried };
}

/** Nodes of the copy: those of a body are there once for each graph around it, and once opened. */
function timesWritten(graph: Graph, times: number): number {
  let written = 0;
  const pending: [Graph, number][] = [[graph, times]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [{ nodes }, count] = next;
    written += nodes.length * count;
    for (const { subgraphs } of nodes)
      for (const body of subgraphs) pending.push([body, count + 1]);
  }
  return written;
}

class Opener {
  readonly carried: CarriedValue[] = [];

  constructor(
    /** The main graph of the copy. */
    readonly graph: Graph,
    readonly values: Map<Value, Value | null>,
    readonly copier: GraphCopier,
  ) {}

  /** Writes the bodies of a node into the main graph, and those within. */
  open(node: Node, path: string): void {
    for (const body of node.subgraphs) {
      if (!this.#giveInputs(node, body)) continue;
      const inner = path === "" ? node.label : `${path}/${node.label}`;
      const scope: Scope = { values: this.values, attributes: null, path: inner };
      this.copier.fill(this.graph, body, scope);
      for (const child of body.nodes) this.open(child, inner);
    }
  }

  /** What a body's inputs are in its first iteration. False when nobody can say. */
  #giveInputs(node: Node, body: Graph): boolean {
    if (isOp(node, "If")) return body.inputs.length === 0;
    if (isOp(node, "Loop")) return this.#giveLoop(node, body);
    return isOp(node, "Scan") && this.#giveScan(node, body);
  }

  /** `Loop(M, cond, ...carried)`, its body `(iteration, cond, ...carried) -> (cond, ...carried, ...scanned)`. */
  #giveLoop(node: Node, body: Graph): boolean {
    const [iteration, condition, ...inner] = body.inputs;
    if (!iteration || !condition) return false;
    const given = inner.map((_, i) => this.#copyOf(node.inputs[i + 2]));
    if (!given.every((value) => value !== null)) return false;
    this.values.set(iteration, this.#constant(full([], 0, "int64")));
    this.values.set(condition, this.#constant(full([], 1, "bool")));
    this.#carry(body, inner, given, body.outputs.slice(1));
    return true;
  }

  /** `Scan(...carried, ...sequences)`, its body reads one slice of each sequence. Opset 8 had a batch axis too. */
  #giveScan(node: Node, body: Graph): boolean {
    const sequences = intAttribute(node, "num_scan_inputs", 0);
    const states = body.inputs.length - sequences;
    if (sequences < 1 || states < 0 || node.inputs.length !== body.inputs.length) return false;
    const given = node.inputs.map((input) => this.#copyOf(input));
    if (!given.every((value) => value !== null)) return false;
    const axes = intsAttribute(node, "scan_input_axes") ?? [];
    body.inputs.slice(states).forEach((input, i) => {
      const first = this.#constant(full([], 0, "int64"));
      const slice = this.graph.addNode("Gather", [given[states + i], first], {
        attributes: { axis: axes[i] ?? 0 },
      });
      this.values.set(input, slice.outputs[0]);
    });
    this.#carry(body, body.inputs.slice(0, states), given, body.outputs);
    return true;
  }

  #carry(
    body: Graph,
    before: readonly Value[],
    given: readonly Value[],
    after: readonly Value[],
  ): void {
    before.forEach((value, i) => {
      this.values.set(value, given[i]);
      if (after[i]) this.carried.push({ body, before: value, after: after[i] });
    });
  }

  #copyOf(value: Value | null | undefined): Value | null {
    return (value && this.values.get(value)) ?? null;
  }

  #constant(tensor: LazyTensor): Value {
    return this.graph.addInitializer(tensor);
  }
}
