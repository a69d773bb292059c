import {
  capturedValues,
  type Graph,
  intAttribute,
  intsAttribute,
  isOp,
  type Node,
  topologicalOrder,
  type Value,
} from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { readFloat64 } from "../tensor/index.js";
import { product } from "../util/math.js";

/** Whole numbers a graph computes about itself (bounds, sizes, axes), flattened; scalars have one. */
export type Integers = ReadonlyMap<Value, readonly number[]>;

/** Longer lists are data, not bounds. */
const MOST_ELEMENTS = 2 ** 16;

type Fold = (inputs: (readonly number[])[], node: Node) => readonly number[] | null;

/** What exporters write between `Shape` and the `Slice` or `Reshape` that wants a bound. */
const folds: Readonly<Record<string, Fold>> = {
  Identity: ([x]) => x,
  Cast: ([x]) => x.map(Math.trunc),
  Squeeze: ([x]) => x,
  Unsqueeze: ([x]) => x,
  Reshape: ([x]) => x,
  Concat: (inputs) => inputs.flat(),
  Gather: ([x, indices]) => indices.map((i) => x[i < 0 ? i + x.length : i]),
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => Math.trunc(a / b)),
  Floor: ([x]) => x.map(Math.floor),
  Slice: ([x, ...bounds], node) => {
    // Up to opset 9 the bounds are attributes.
    const [starts, ends, , steps = [1]] = node.attributes.has("starts")
      ? [intsAttribute(node, "starts"), intsAttribute(node, "ends")]
      : bounds;
    return starts && ends && steps[0] === 1 ? x.slice(starts[0], ends[0]) : null;
  },
};

/**
 * Evaluates the integer side of a graph: constants, shapes, and simple arithmetic on them.
 * @param around What is known of the graphs around this one, if there are any.
 */
export async function foldIntegers(
  graph: Graph,
  shapes: Shapes | null,
  around: Integers = new Map(),
): Promise<Integers> {
  const known = new Map<Value, readonly number[]>();
  for (const value of graph.parent ? capturedValues(graph) : []) {
    const numbers = around.get(value);
    if (numbers) known.set(value, numbers);
  }
  for (const value of graph.initializers) {
    const numbers = await smallIntegers(value.initializer!);
    if (numbers) known.set(value, numbers);
  }
  for (const node of topologicalOrder(graph)) {
    const output = node.outputs[0];
    if (!output) continue;
    const numbers = isOp(node, "Constant") ? await constantNode(node) : fold(node, known, shapes);
    if (numbers?.every(Number.isFinite) && numbers.length <= MOST_ELEMENTS)
      known.set(output, numbers);
  }
  return known;
}

function fold(node: Node, known: Integers, shapes: Shapes | null): readonly number[] | null {
  if (isOp(node, "Shape")) {
    const shape = node.inputs[0] && shapes?.get(node.inputs[0]);
    return (
      shape?.slice(intAttribute(node, "start", 0), intAttribute(node, "end", shape.length)) ?? null
    );
  }
  const rule = isOp(node, ...Object.keys(folds)) ? folds[node.op] : undefined;
  if (!rule) return null;
  const inputs: (readonly number[])[] = [];
  for (const [i, input] of node.inputs.entries()) {
    if (!input) continue;
    const numbers = known.get(input);
    if (!numbers) return null;
    inputs[i] = numbers;
  }
  return inputs.length === 0 ? null : rule(inputs, node);
}

async function constantNode(node: Node): Promise<readonly number[] | null> {
  const tensor = node.attributes.get("value");
  if (tensor?.type === "tensor") return smallIntegers(tensor.value);
  const list = node.attributes.get("value_ints");
  if (list?.type === "ints") return list.value.map(Number);
  const single = node.attributes.get("value_int");
  return single?.type === "int" ? [Number(single.value)] : null;
}

async function smallIntegers(
  tensor: Parameters<typeof readFloat64>[0],
): Promise<readonly number[] | null> {
  if (tensor.dtype !== "int64" && tensor.dtype !== "int32") return null;
  if (product(tensor.shape) > MOST_ELEMENTS) return null;
  return [...(await readFloat64(tensor))];
}

function elementwise(compute: (a: number, b: number) => number): Fold {
  return ([a, b]) => {
    if (!a || !b) return null;
    if (a.length === b.length) return a.map((x, i) => compute(x, b[i]));
    if (b.length === 1) return a.map((x) => compute(x, b[0]));
    return a.length === 1 ? b.map((y) => compute(a[0], y)) : null;
  };
}
