import {
  type Graph,
  intAttribute,
  isOp,
  isStandardDomain,
  type Node,
  type Value,
} from "../graph/index.js";
import { isConvolution } from "../ops/index.js";
import type { Shapes } from "../runtime/index.js";
import type { Convolution } from "./convolution.js";
import { type PartialShape, PartialShapes } from "./partial-shapes.js";
import { mainInputs } from "./topology/main-inputs.js";
import { surveyTopology, type Topology } from "./topology/topology.js";

/** The multi-head attention that reads a convolution's channels. */
export interface AttentionHeads {
  readonly heads: number;
  /** The node that shows it: the attention operator, or the product of queries and keys. */
  readonly node: Node;
}

/** One attention: what its queries, keys and values are made of, and how many heads it has. */
interface Attention {
  readonly node: Node;
  readonly reads: readonly Value[];
  /** @param batch Images in a batch, for products that put heads and batch on one axis. */
  readonly heads: (batch: number | null) => number | null;
}

/** ONNX Runtime's attention operators, and the attribute that has their heads. */
const FUSED: Readonly<Record<string, string>> = {
  "com.microsoft.Attention": "num_heads",
  "com.microsoft.QAttention": "num_heads",
  "com.microsoft.MultiHeadAttention": "num_heads",
  "com.microsoft.GroupQueryAttention": "num_heads",
  "com.microsoft.PackedAttention": "num_heads",
  "com.microsoft.PackedMultiHeadAttention": "num_heads",
  Attention: "q_num_heads",
};

/** Between the scores and the softmax, and between the softmax and the values. */
const AROUND_SOFTMAX =
  "Mul Div Add Sub Where Cast Dropout Identity Reshape Clip QuantizeLinear DequantizeLinear".split(
    " ",
  );

/** An attention's own layers are a few dozen nodes. */
const MOST_STEPS = 256;

/**
 * For each convolution whose output goes into a multi-head attention: how many heads that has. On the way
 * there may be activations, norms, reordering and one matrix product (the projection to queries, keys and
 * values), but no other convolution, and no sum or concatenation with other data. Attention is an
 * operator of its own, or a softmax between two matrix products
 * (https://arxiv.org/abs/1706.03762, section 3.2).
 */
export async function attentionHeadsAfter(
  convolutions: readonly Convolution[],
  graph: Graph,
  shapes: Shapes | null,
  topology: Topology = surveyTopology(graph, shapes),
): Promise<ReadonlyMap<Convolution, AttentionHeads>> {
  const byNode = new Map(convolutions.map((convolution) => [convolution.node, convolution]));
  const found = new Map<Convolution, AttentionHeads>();
  const partial = hasAttention(topology) ? await PartialShapes.of(graph, shapes) : null;
  if (!partial) return found;
  for (const attention of attentionsIn(topology, partial)) {
    for (const node of convolutionsBefore(attention.reads, topology)) {
      const convolution = byNode.get(node);
      if (!convolution || found.has(convolution)) continue;
      const heads = attention.heads(convolution.outShape?.[0] ?? null);
      if (heads !== null) found.set(convolution, { heads, node: attention.node });
    }
  }
  return found;
}

function hasAttention({ order }: Topology): boolean {
  return order.some((node) => isOp(node, "Softmax") || fusedName(node) in FUSED);
}

function* attentionsIn({ order, data }: Topology, shapes: PartialShapes): Generator<Attention> {
  for (const node of order) {
    const attribute = FUSED[fusedName(node)];
    if (attribute) {
      const reads = node.inputs.slice(0, 3).filter((input) => input !== null);
      // The standard operator takes heads on an axis of their own, too.
      const onAxis = () => (reads[0] ? headsAxis(shapes.get(reads[0])) : null);
      yield { node, reads, heads: () => intAttribute(node, attribute, undefined) ?? onAxis() };
    } else if (isOp(node, "Softmax")) {
      const scores = scoresBefore(node, data);
      const values = scores && valuesAfter(node, data);
      if (!values) continue;
      const reads = [...scores.inputs.filter((input) => input !== null), values];
      yield { node: scores, reads, heads: (batch) => headsOfScores(scores, shapes, batch) };
    }
  }
}

/** Scores are `[N, heads, L, L]`, or `[N * heads, L, L]`; queries and keys have the same first axes. */
function headsOfScores(scores: Node, shapes: PartialShapes, batch: number | null): number | null {
  for (const value of [scores.outputs[0], ...scores.inputs]) {
    const shape = value && shapes.get(value);
    if (!shape) continue;
    const heads = headsAxis(shape);
    if (heads !== null) return heads;
    const [first] = shape;
    if (shape.length === 3 && first && batch && first % batch === 0) return first / batch;
  }
  return null;
}

/** Heads stand before length and width. */
function headsAxis(shape: PartialShape | null): number | null {
  return shape && shape.length > 3 ? shape[shape.length - 3] : null;
}

/** The product of queries and keys whose scores a softmax reads. */
function scoresBefore(softmax: Node, data: ReadonlySet<Value>): Node | null {
  const pending = [...mainInputs(softmax, data)];
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const node = pending.pop()?.producer;
    if (node && isProductOfData(node, data)) return node;
    if (node && isOp(node, ...AROUND_SOFTMAX)) pending.push(...mainInputs(node, data));
    if (pending.length === 0) return null;
  }
  return null;
}

/** What a softmax is multiplied with. */
function valuesAfter(softmax: Node, data: ReadonlySet<Value>): Value | null {
  const pending = [softmax.outputs[0]];
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const value = pending.pop();
    if (!value) return null;
    for (const node of value.consumers) {
      if (isProductOfData(node, data)) return node.inputs.find((input) => input !== value) ?? null;
      if (isOp(node, ...AROUND_SOFTMAX)) pending.push(node.outputs[0]);
    }
  }
  return null;
}

function isProductOfData(node: Node, data: ReadonlySet<Value>): boolean {
  const multiplies =
    isOp(node, "MatMul", "Einsum") ||
    (node.domain === "com.microsoft" && node.op === "FusedMatMul");
  return multiplies && node.inputs.filter((input) => input && data.has(input)).length === 2;
}

/** The convolutions that some values are made of, with at most one projection between. */
function* convolutionsBefore(values: readonly Value[], { data, gates }: Topology): Generator<Node> {
  const seen = new Set<Value>();
  const pending = values.map((value) => ({ value, projected: false }));
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const step = pending.pop();
    if (!step) return;
    const node = step.value.producer;
    if (seen.has(step.value) || !data.has(step.value) || !node || gates.nodes.has(node)) continue;
    seen.add(step.value);
    if (isConvolution(node)) {
      yield node;
      continue;
    }
    const inputs = mainInputs(node, data);
    const projects = isOp(node, "MatMul", "Gemm", "MatMulInteger");
    const mixes = inputs.length > 1 && isOp(node, "Add", "Sum", "Concat", "MatMul", "Einsum");
    if (mixes || (projects && step.projected)) continue;
    for (const value of inputs) pending.push({ value, projected: step.projected || projects });
  }
}

function fusedName(node: Node): string {
  return isStandardDomain(node.domain) ? node.op : `${node.domain}.${node.op}`;
}
