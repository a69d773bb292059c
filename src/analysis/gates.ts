import {
  type Graph,
  intsAttribute,
  isOp,
  type Node,
  topologicalOrder,
  type Value,
  valuesRead,
} from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { range } from "../util/math.js";
import { constantBehind, constantShape } from "./convolution.js";
import { dataValues } from "./data-values.js";

/** The gates of one graph: branches that reach the rest of it only as a factor of pooled statistics. */
export interface Gates {
  /** Nodes inside a gate, from the global pooling to before the multiplication. */
  readonly nodes: ReadonlySet<Node>;
  /** For each multiplication (or division) by a gate: which of its inputs the gate is. */
  readonly gateInputs: ReadonlyMap<Node, number>;
}

/**
 * Finds squeeze-excite and its kin (ECA, SK, CBAM's channel attention; https://arxiv.org/abs/1709.01507):
 * what is computed of globally pooled values alone, and on every way forward ends as a factor of something
 * else. A classifier's head is none, since it reaches an output; neither is a pooled branch that is added
 * or concatenated, nor spatial attention, which keeps its height and width. Division by a pooled statistic,
 * as a normalisation written out in small operators has it, counts.
 *
 * @param shapes Tell poolings with large windows from global ones; not needed for the usual operators.
 */
export function findGates(graph: Graph, shapes: Shapes | null): Gates {
  const order = topologicalOrder(graph);
  const data = dataValues(order);
  const pooled = pooledNodes(order, data, shapes);
  const controlFlow = order.filter((node) => node.subgraphs.length > 0);
  const leaving = new Set([...graph.outputs, ...controlFlow.flatMap(valuesRead)]);

  const nodes = new Set<Node>();
  const gateInputs = new Map<Node, number>();
  const endsAsFactor = (value: Value): boolean => {
    if (leaving.has(value)) return false;
    const uses = value.uses.filter(({ node }) => !isOp(node, "Shape", "Size"));
    return (
      uses.length > 0 && uses.every(({ node, index }) => nodes.has(node) || isFactor(node, index))
    );
  };
  const isFactor = (node: Node, index: number) =>
    !pooled.has(node) && factorInputs(node).includes(index);

  for (const node of order.toReversed()) {
    if (!pooled.has(node)) continue;
    const written = node.outputs.filter((output) => output !== null);
    const alive = written.filter((output) => output.uses.length > 0 || leaving.has(output));
    if (alive.length > 0 && alive.every(endsAsFactor)) nodes.add(node);
  }
  for (const node of nodes)
    for (const output of node.outputs)
      for (const use of output?.uses ?? [])
        if (isFactor(use.node, use.index)) gateInputs.set(use.node, use.index);
  return { nodes, gateInputs };
}

/** Does this node reduce every spatial axis of a feature map to one position? */
export function isGlobalPooling(node: Node, shapes: Shapes | null): boolean {
  if (isOp(node, "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")) return true;
  if (isOp(node, "ReduceMean", "ReduceMax", "ReduceSum", "ReduceL2"))
    return reducesSpace(node, shapes);
  if (isOp(node, "AveragePool", "MaxPool", "LpPool")) return windowCoversAll(node, shapes);
  return node.domain === "com.microsoft" && node.op === "QLinearGlobalAveragePool";
}

/** Global poolings, and what is computed of nothing but them and constants. */
function pooledNodes(
  order: readonly Node[],
  data: ReadonlySet<Value>,
  shapes: Shapes | null,
): ReadonlySet<Node> {
  const nodes = new Set<Node>();
  for (const node of order) {
    if (node.subgraphs.length > 0) continue;
    const read = node.inputs.filter((input) => input !== null && data.has(input)) as Value[];
    if (read.length === 0 || isOp(node, "Shape", "Size")) continue;
    if (
      isGlobalPooling(node, shapes) ||
      read.every(({ producer }) => producer && nodes.has(producer))
    )
      nodes.add(node);
  }
  return nodes;
}

/** Inputs by which a node multiplies or divides. */
function factorInputs(node: Node): readonly number[] {
  if (isOp(node, "Mul")) return [0, 1];
  if (isOp(node, "Div")) return [1];
  return node.domain === "com.microsoft" && node.op === "QLinearMul" ? [0, 3] : [];
}

function reducesSpace(node: Node, shapes: Shapes | null): boolean {
  const x = node.inputs[0];
  const rank = x && rankOf(x, shapes);
  // Three axes are as often [N, L, C], where the last one is no space.
  if (rank && rank < 4) return false;
  const axes = intsAttribute(node, "axes");
  if (axes) return isSpace(axes, rank ?? null);
  const axesInput = node.inputs[1];
  if (!axesInput) return false;
  const [from, to] = [shapes?.get(x!), shapes?.get(node.outputs[0]!)];
  if (from && to && from.length >= 4)
    return to.slice(2).every((size) => size === 1) && to[1] === from[1];
  // The numbers of a constant are not at hand here; where it has two, they are height and width.
  return constantShape(constantBehind(axesInput))?.[0] === 2;
}

function rankOf(value: Value, shapes: Shapes | null): number | undefined {
  const inferred = shapes?.get(value);
  if (inferred && inferred.length > 0) return inferred.length;
  return value.type?.kind === "tensor" ? value.type.shape?.length : undefined;
}

function isSpace(axes: readonly number[], rank: number | null): boolean {
  if (rank === null) {
    const sorted = [...axes].sort((a, b) => a - b).join();
    return ["2,3", "-2,-1", "2,3,4", "-3,-2,-1"].includes(sorted);
  }
  const reduced = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  return reduced.size === rank - 2 && range(2, rank).every((axis) => reduced.has(axis));
}

function windowCoversAll(node: Node, shapes: Shapes | null): boolean {
  const from = shapes?.get(node.inputs[0]!);
  const to = shapes?.get(node.outputs[0]!);
  const kernel = intsAttribute(node, "kernel_shape");
  if (!from || !to || !kernel || from.length < 3 || from.length !== kernel.length + 2) return false;
  const isGlobal = kernel.every((size, axis) => size >= from[axis + 2] && to[axis + 2] === 1);
  return isGlobal && kernel.some((size) => size > 1);
}
