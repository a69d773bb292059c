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
import { product, range } from "../util/math.js";

/** Whole numbers a graph computes about itself (bounds, sizes, axes), flattened; scalars have one. */
export type Integers = ReadonlyMap<Value, readonly number[]>;

/** Longer lists are data, not bounds. */
const MOST_ELEMENTS = 2 ** 16;

/** @param shape Of the first input; null where nobody knows it. */
type Fold = (
  inputs: (readonly number[])[],
  node: Node,
  shape: readonly number[] | null,
) => readonly number[] | null;

/**
 * What exporters write between `Shape` and the `Slice` or `Reshape` that wants a bound. PyTorch writes pads as
 * a table that it turns upside down and on its side.
 */
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
  Slice: ([x, ...bounds], node, known) => {
    const shape = known ?? [x.length]; // most are lists
    // Up to opset 9 the bounds are attributes.
    const [starts, ends, axes, steps] = node.attributes.has("starts")
      ? ["starts", "ends", "axes"].map((name) => intsAttribute(node, name))
      : bounds;
    if (!starts || !ends || steps?.includes(0)) return null;
    const picked = shape.map((size) => range(size));
    for (const [i, start] of starts.entries()) {
      const axis = axes?.[i] ?? i;
      const at = axis < 0 ? axis + shape.length : axis;
      if (!(at in picked)) return null;
      picked[at] = stepped(start, ends[i], steps?.[i] ?? 1, shape[at]);
    }
    return rowMajor(picked, stridesOf(shape)).map((offset) => x[offset]);
  },
  Transpose: ([x], node, shape) => {
    const axes = range(shape?.length ?? 0);
    const order = intsAttribute(node, "perm") ?? axes.toReversed();
    // An axis named twice would multiply what there is.
    if (!shape || order.length !== axes.length || !axes.every((axis) => order.includes(axis)))
      return null;
    const strides = stridesOf(shape);
    return rowMajor(
      order.map((axis) => range(shape[axis])),
      order.map((axis) => strides[axis]),
    ).map((offset) => x[offset]);
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
    const numbers = isOp(node, "Constant")
      ? await constantNode(node)
      : isOp(node, "ConstantOfShape")
        ? await filled(node, known)
        : fold(node, known, shapes);
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
  const [first] = node.inputs;
  const numbers = first && known.get(first);
  if (!numbers) return null;
  const shape = shapes?.get(first);
  const isWhole = shape !== undefined && product(shape) === numbers.length;
  return rule(inputs, node, isWhole ? shape : null);
}

async function filled(node: Node, known: Integers): Promise<readonly number[] | null> {
  const sizes = node.inputs[0] && known.get(node.inputs[0]);
  if (!sizes?.every((size) => size >= 0) || product(sizes) > MOST_ELEMENTS) return null;
  const value = node.attributes.get("value");
  const [number] = value?.type === "tensor" ? ((await smallIntegers(value.value)) ?? []) : [0];
  return number === undefined ? null : Array(product(sizes)).fill(number);
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

/** The indices that a slice takes of an axis. */
function stepped(start: number, end: number, step: number, size: number): number[] {
  if (size === 0) return [];
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
  const within = (bound: number) =>
    Math.min(highest, Math.max(lowest, bound < 0 ? bound + size : bound));
  const first = step > 0 ? within(start) : Math.max(0, within(start));
  return range(Math.max(0, Math.ceil((within(end) - first) / step))).map((i) => first + i * step);
}

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => product(shape.slice(axis + 1)));
}

/** Offsets of all elements at these indices, the last axis fastest. */
function rowMajor(indices: readonly (readonly number[])[], strides: readonly number[]): number[] {
  return indices.reduce<number[]>(
    (offsets, along, axis) =>
      offsets.flatMap((offset) => along.map((index) => offset + index * strides[axis])),
    [0],
  );
}
