import { type Attribute, type Int, toNumber } from "./attribute.js";
import type { Graph } from "./graph.js";
import type { Node } from "./node.js";
import type { Value } from "./value.js";

/** Is this a node of the standard operator set with one of these names? */
export function isOp<T extends string>(
  node: Node | null | undefined,
  ...ops: readonly T[]
): node is Node & { readonly op: T } {
  return !!node && isStandardDomain(node.domain) && (ops as readonly string[]).includes(node.op);
}

export function isStandardDomain(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

/** An integer attribute, or the fallback when it is absent or of another type. */
export function intAttribute<T extends number | undefined>(
  node: Node,
  name: string,
  fallback: T,
): number | T {
  const attribute = node.attributes.get(name);
  return attribute?.type === "int" ? toNumber(attribute.value) : fallback;
}

/** An integer list attribute, or `undefined` when it is absent or of another type. */
export function intsAttribute(node: Node, name: string): number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === "ints"
    ? attribute.value.map((value: Int) => toNumber(value))
    : undefined;
}

export function floatAttribute<T extends number | undefined>(
  node: Node,
  name: string,
  fallback: T,
): number | T {
  const attribute = node.attributes.get(name);
  return attribute?.type === "float" ? attribute.value : fallback;
}

/** A string attribute, or the fallback when it is absent, of another type, or not text. */
export function stringAttribute<T extends string | undefined>(
  node: Node,
  name: string,
  fallback: T,
): string | T {
  const attribute: Attribute | undefined = node.attributes.get(name);
  return attribute?.type === "string" && typeof attribute.value === "string"
    ? attribute.value
    : fallback;
}

/** Every node of a graph and of its subgraphs, outer ones first. */
export function* allNodes(graph: Graph): Generator<Node> {
  for (const node of graph.nodes) {
    yield node;
    for (const body of node.subgraphs) yield* allNodes(body);
  }
}

/** Does the graph return this value to its caller? */
export function isOutput(value: Value): boolean {
  return value.graph.outputs.includes(value);
}
