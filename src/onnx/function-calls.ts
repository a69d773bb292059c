import {
  allNodes,
  type FunctionDefinition,
  isStandardDomain,
  type Model,
  type Node,
} from "../graph/index.js";
import { printable } from "../util/text.js";
import type { NodeCarry } from "./carry.js";

/** Functions within functions, at most; exporters nest them as deep as modules. */
const DEEPEST_CALLS = 256;
/** More nodes than a network has: functions that call others twice each stand for 2^depth. */
const MOST_NODES = 2 ** 16;

/** Finds the function of a model that a node calls; null when it is an operator. */
export type FunctionLookup = (node: Node) => FunctionDefinition | null;

export function functionLookup(model: Model): FunctionLookup {
  const byKey = new Map(
    model.functions.map((definition) => [
      keyOf(definition.domain, definition.name, definition.overload),
      definition,
    ]),
  );
  return (node) => {
    const overload = (node.carry as NodeCarry | undefined)?.proto.overload ?? "";
    return byKey.get(keyOf(node.domain, node.op, overload)) ?? null;
  };
}

function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([isStandardDomain(domain) ? "" : domain, name, overload]);
}

/**
 * Why the calls in a model cannot be written out, in words: a function that calls itself, calls nested too
 * deep, or more nodes than any network has. Null when they can.
 */
export function callFault(model: Model): string | null {
  if (model.functions.length === 0) return null;
  const lookup = functionLookup(model);
  const known = new Map<FunctionDefinition, Extent | "open">();
  const extentOf = (definition: FunctionDefinition, depth: number): Extent => {
    const extent = known.get(definition);
    const name = printable(definition.name, 60);
    if (extent === "open") throw new CallFault(`the function "${name}" calls itself`);
    if (extent) return extent;
    if (depth > DEEPEST_CALLS)
      throw new CallFault(`functions call functions more than ${DEEPEST_CALLS} deep, at "${name}"`);
    known.set(definition, "open");
    const found = measure(allNodes(definition.body), depth + 1);
    known.set(definition, found);
    return found;
  };
  const measure = (nodes: Iterable<Node>, depth: number): Extent => {
    const extent = { nodes: 0, depth: 0 };
    for (const node of nodes) {
      const called = lookup(node);
      const inner = called && extentOf(called, depth);
      extent.nodes += inner?.nodes ?? 1;
      extent.depth = Math.max(extent.depth, inner ? inner.depth + 1 : 0);
    }
    return extent;
  };
  try {
    const { nodes, depth } = measure(allNodes(model.graph), 0);
    if (depth > DEEPEST_CALLS)
      return `functions call functions ${depth} deep, more than ${DEEPEST_CALLS}`;
    return nodes > MOST_NODES
      ? `the calls of its functions stand for ${nodes} nodes, more than ${MOST_NODES}`
      : null;
  } catch (fault) {
    if (fault instanceof CallFault) return fault.message;
    throw fault;
  }
}

interface Extent {
  /** Nodes when every call is written out. */
  readonly nodes: number;
  /** Calls within calls. */
  readonly depth: number;
}

class CallFault extends Error {}
