import { gradients } from "../../autodiff/index.js";
import type { Model, Node, Value } from "../../graph/index.js";
import { convInputs, type GraphBuilder } from "../../ops/index.js";
import { ungroup } from "../../regroup/index.js";
import { zeros } from "../../tensor/index.js";
import { reduce } from "../reduce.js";
import type { Subject } from "./subjects.js";

/** A grouped layer of the graph, and the gradient at what it writes. */
export interface Compared {
  readonly subject: Subject;
  readonly node: Node;
  readonly dy: Value;
}

/**
 * The gradients at the weights of the same layers made dense, zero between their groups. Such a layer computes
 * the same, so that the gradient behind it is what it was; none is ever run, only the backward pass of its weight.
 *
 * @param options What `gradients` takes; the shapes of new values are added.
 */
export function appendGhosts(
  g: GraphBuilder,
  model: Model,
  layers: readonly Compared[],
  options: {
    readonly shapes: Map<Value, readonly number[]>;
    readonly integers: ReadonlyMap<Value, readonly number[]>;
  },
): Value[] {
  if (layers.length === 0) return [];
  const { shapes } = options;
  const terms: Value[] = [];
  const weights: Value[] = [];
  for (const { subject, node, dy } of layers) {
    const { weightShape, groups } = subject.convolution;
    const at = convInputs(node);
    const dense = g.constant(ungroup(zeros(weightShape, "float32"), groups));
    const shape = shapes.get(node.outputs[0]!)!;
    const inputs = node.inputs.slice(0, at.bias).with(at.weight, dense);
    const y = g.op(node.op, inputs, { ...Object.fromEntries(node.attributes), group: 1 });
    const product = g.op("Mul", [y, dy]);
    const total = reduce(g, model.opset, "ReduceSum", product, null);
    for (const value of [y, dy, product]) shapes.set(value, shape);
    shapes.set(total, []);
    terms.push(total);
    weights.push(dense);
  }
  const loss = g.op("Sum", terms);
  shapes.set(loss, []);
  const found = gradients(model, loss, weights, options);
  return weights.map((weight) => found.get(weight)!);
}

/**
 * How the gradient at a dense weight, `[M, C, ...k]`, is reshaped and averaged to one number for each pair of
 * groups: `[groups, groups]`, the rows' by the columns'.
 */
export function denseMagnitudes({
  convolution: { weightShape, groups },
}: Subject): [shape: readonly number[], axes: readonly number[]] {
  return [
    [groups, weightShape[0] / groups, groups, -1],
    [1, 3],
  ];
}
