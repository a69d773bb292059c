import {
  type Graph,
  isOp,
  isOutput,
  type Node,
  stringAttribute,
  type Value,
} from "../graph/index.js";
import { BLOCKED_DOMAIN } from "./optimised-graph.js";

/**
 * What became of a model's nodes: each node of its optimised graph, with the nodes of the model whose work
 * it does, the last one first. Copies between layouts, and what the runtime put in, do nobody's.
 *
 * A node of the optimised graph is taken to make the last value fused into it, by its output's name or,
 * where a layout changed, by its own. All that leads there from values others make is its work; constants are not.
 */
export function fusedNodes(model: Graph, optimised: Graph): ReadonlyMap<Node, readonly Node[]> {
  const made = new Map<Node, Value>();
  const claimed = new Set<Value>();
  const named = new Map(model.nodes.map((node) => [node.name, node]));
  for (const node of optimised.nodes) {
    const value = madeValue(node, model, named);
    if (!value || claimed.has(value)) continue;
    made.set(node, value);
    claimed.add(value);
  }
  const taken = new Set<Node>();
  const origins = new Map<Node, readonly Node[]>();
  for (const node of optimised.nodes) {
    const value = made.get(node);
    origins.set(node, value ? leadingTo(value, claimed, optimised, taken) : []);
  }
  return origins;
}

function madeValue(node: Node, model: Graph, named: ReadonlyMap<string, Node>): Value | undefined {
  const isBlocked = node.domain === BLOCKED_DOMAIN;
  if (isCopy(node, model)) return undefined;
  for (const name of node.outputs.flatMap((output) => (output ? namesOf(output, model) : []))) {
    const value = model.find(name);
    if (value?.producer) return value;
  }
  const own = model.find(withoutCast(node.name.replace(/(_bn)?_nchwc(_token_\d+)?$/, "")));
  const namesake = named.get(node.name) ?? named.get(node.name.replace(/_token_\d+$/, ""));
  const value = own?.producer ? own : namesake?.outputs[0];
  if (!value) return undefined;
  return isBlocked ? withFusedReaders(node, value) : value;
}

/** Into blocks of channels and back, or to channels last and back: a Transpose that the model does not have. */
function isCopy(node: Node, model: Graph): boolean {
  if (node.domain === BLOCKED_DOMAIN)
    return node.op === "ReorderInput" || node.op === "ReorderOutput";
  const [output] = node.outputs;
  if (!isOp(node, "Transpose") || !output) return false;
  return model.find(output.name)?.producer?.op !== "Transpose";
}

/** A value in another layout, and the copy of it that is not: the copy has the name it had in the model. */
function namesOf(value: Value, model: Graph): string[] {
  const copies = value.uses.filter(({ node }) => isCopy(node, model));
  const names = [value.name, ...copies.flatMap(({ node }) => node.outputs[0]?.name ?? [])];
  return names.map(withoutCast);
}

/** A float16 value that is kept in float32, as its maker and its readers have no other kernel. */
function withoutCast(name: string): string {
  return name.replace(/^InsertedPrecisionFreeCast_/, "");
}

/** A blocked convolution keeps its name when a sum and an activation are fused into it. */
function withFusedReaders(node: Node, value: Value): Value {
  const sum = node.inputs[3] ? fusedReader(value, "Add", "Sum") : null;
  const summed = sum?.outputs[0] ?? value;
  const activation = fusedReader(summed, stringAttribute(node, "activation", ""));
  return activation?.outputs[0] ?? summed;
}

function fusedReader(value: Value, ...ops: string[]): Node | null {
  if (value.uses.length !== 1 || isOutput(value)) return null;
  const [{ node }] = value.uses;
  return isOp(node, ...ops) ? node : null;
}

/** The nodes between a value and what others make, nearest first; each node is somebody's once. */
function leadingTo(
  value: Value,
  claimed: ReadonlySet<Value>,
  optimised: Graph,
  taken: Set<Node>,
): Node[] {
  const nodes: Node[] = [];
  const open = [value];
  for (const current of open) {
    const { producer } = current;
    const isOthers = current !== value && claimed.has(current);
    const isFolded = !!optimised.find(current.name)?.initializer;
    if (!producer || producer.op === "Constant" || isOthers || isFolded || taken.has(producer))
      continue;
    taken.add(producer);
    nodes.push(producer);
    for (const input of producer.inputs) if (input) open.push(input);
  }
  return nodes;
}
