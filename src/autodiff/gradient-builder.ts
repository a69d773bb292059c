import type { Value } from "../graph/index.js";
import type { Attributes, GraphBuilder } from "../ops/index.js";
import { tensor } from "../tensor/index.js";
import { product, range } from "../util/math.js";
import { broadcast, type Term } from "./term.js";

/** Operand of an element-wise operation: a term, or a number. */
export type Operand = Term | number;

/** The places `start`, `start + step`, ... before `end` along an axis. */
export interface Bound {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step?: number;
}

function places({ start, end, step = 1 }: Bound): number[] {
  return range(Math.max(0, Math.ceil((end - start) / step))).map((i) => start + i * step);
}

/**
 * Writes gradient nodes and knows the shape of each. Operators that changed with the operator set
 * (axes as attribute or as input) are written as the model's own version has them.
 */
export class GradientBuilder {
  readonly #g: GraphBuilder;

  constructor(
    g: GraphBuilder,
    /** Version of the standard operator set of the model. */
    readonly opset: number,
    /** Called when a node of ONNX Runtime's own operator set is written. */
    readonly useMicrosoft: () => void,
  ) {
    this.#g = g;
  }

  /** A node with one output of this shape. */
  op(
    type: string,
    inputs: readonly (Term | Value | null)[],
    attributes: Attributes,
    shape: readonly number[],
    domain = "",
  ): Term {
    if (domain !== "") this.useMicrosoft();
    const values = inputs.map((input) => (input && "shape" in input ? input.value : input));
    return { value: this.#g.ops(type, values, attributes, 1, domain)[0], shape };
  }

  /** A node with several outputs of these shapes. */
  ops(
    type: string,
    inputs: readonly (Term | Value | null)[],
    attributes: Attributes,
    shapes: readonly (readonly number[])[],
  ): Term[] {
    const values = inputs.map((input) => (input && "shape" in input ? input.value : input));
    return this.#g
      .ops(type, values, attributes, shapes.length)
      .map((value, i) => ({ value, shape: shapes[i] }));
  }

  scalar(number: number): Term {
    return { value: this.#g.scalar(number), shape: [] };
  }

  /** A constant of this shape, one number everywhere. */
  full(shape: readonly number[], number: number): Term {
    return this.expand(this.scalar(number), shape);
  }

  ints(numbers: readonly number[]): Value {
    return this.#g.ints(numbers);
  }

  floats(numbers: readonly number[], shape: readonly number[] = [numbers.length]): Term {
    return { value: this.#g.constant(tensor(Float32Array.from(numbers), [...shape])), shape };
  }

  add(a: Operand, b: Operand): Term {
    return this.#elementwise("Add", a, b);
  }

  sub(a: Operand, b: Operand): Term {
    return this.#elementwise("Sub", a, b);
  }

  mul(a: Operand, b: Operand): Term {
    return this.#elementwise("Mul", a, b);
  }

  div(a: Operand, b: Operand): Term {
    return this.#elementwise("Div", a, b);
  }

  pow(a: Operand, b: Operand): Term {
    return this.#elementwise("Pow", a, b);
  }

  /** Element-wise functions of one argument: `unary("Exp", x)`. */
  unary(type: string, x: Term, attributes: Attributes = {}): Term {
    return this.op(type, [x], attributes, x.shape);
  }

  neg(x: Term): Term {
    return this.unary("Neg", x);
  }

  /** 1 where the comparison holds and 0 elsewhere. */
  indicator(comparison: "Greater" | "Less" | "Equal", a: Operand, b: Operand): Term {
    return this.toFloat(this.compare(comparison, a, b));
  }

  /** A truth an element. `Equal` takes floats since opset 11; before, it is "not apart". */
  compare(comparison: "Greater" | "Less" | "Equal", a: Operand, b: Operand): Term {
    if (comparison !== "Equal" || this.opset >= 11) return this.#elementwise(comparison, a, b);
    const apart = this.#elementwise("Greater", this.unary("Abs", this.sub(a, b)), 0);
    return this.unary("Not", apart);
  }

  /** The same numbers, or truths as 1 and 0, in float32. */
  toFloat(x: Term): Term {
    return this.op("Cast", [x], { to: 1 }, x.shape);
  }

  where(condition: Term, yes: Operand, no: Operand): Term {
    const [a, b] = [this.#term(yes), this.#term(no)];
    return this.op("Where", [condition, a, b], {}, broadcast(condition.shape, a.shape, b.shape));
  }

  reshape(x: Term, shape: readonly number[]): Term {
    if (String(shape) === String(x.shape)) return x;
    return this.op("Reshape", [x, this.ints(shape)], {}, shape);
  }

  transpose(x: Term, perm: readonly number[]): Term {
    if (perm.every((axis, i) => axis === i)) return x;
    return this.op(
      "Transpose",
      [x],
      { perm },
      perm.map((axis) => x.shape[axis]),
    );
  }

  expand(x: Term, shape: readonly number[]): Term {
    if (String(shape) === String(x.shape)) return x;
    return this.op("Expand", [x, this.ints(shape)], {}, shape);
  }

  /** Sum over axes, which keep size 1. */
  sum(x: Term, axes: readonly number[]): Term {
    if (axes.length === 0) return x;
    const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return this.opset >= 13
      ? this.op("ReduceSum", [x, this.ints(axes)], { keepdims: 1 }, shape)
      : this.op("ReduceSum", [x], { axes, keepdims: 1 }, shape);
  }

  /** Sum over the given axes, which go away. */
  sumAway(x: Term, axes: readonly number[]): Term {
    return this.reshape(
      this.sum(x, axes),
      x.shape.filter((_, axis) => !axes.includes(axis)),
    );
  }

  /** Mean over axes, which keep size 1. */
  mean(x: Term, axes: readonly number[]): Term {
    const total = this.sum(x, axes);
    return this.div(total, product(x.shape) / product(total.shape));
  }

  /** Undoes broadcasting: sums over what was repeated, so that the result has this shape. */
  sumTo(x: Term, shape: readonly number[]): Term {
    const lead = x.shape.length - shape.length;
    const axes = range(x.shape.length).filter(
      (axis) => x.shape[axis] !== 1 && (axis < lead || shape[axis - lead] === 1),
    );
    return this.reshape(this.sum(x, axes), shape);
  }

  /** Matrix product over the last two axes, batch axes broadcast. */
  matMul(a: Term, b: Term, options: { transA?: boolean; transB?: boolean } = {}): Term {
    const { transA = false, transB = false } = options;
    const [m, n] = [a.shape.at(transA ? -1 : -2)!, b.shape.at(transB ? -2 : -1)!];
    const shape = [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n];
    if (!transA && !transB) return this.op("MatMul", [a, b], {}, shape);
    const attributes = { transA: Number(transA), transB: Number(transB) };
    return this.op("FusedMatMul", [a, b], attributes, shape, "com.microsoft");
  }

  /** Elements `start` to `end` (not with it) along each named axis, every `step`-th. */
  slice(x: Term, bounds: readonly Bound[]): Term {
    const kept = bounds.filter(
      ({ axis, start, end, step = 1 }) => start !== 0 || end !== x.shape[axis] || step !== 1,
    );
    if (kept.length === 0) return x;
    // Slice knows steps since opset 10.
    if (this.opset < 10 && kept.some(({ step = 1 }) => step !== 1))
      return kept.reduce((cut, bound) => this.#pick(cut, bound.axis, places(bound)), x);
    const shape = [...x.shape];
    for (const { axis, start, end, step = 1 } of kept)
      shape[axis] = Math.max(0, Math.ceil((end - start) / step));
    const starts = kept.map(({ start }) => start);
    const ends = kept.map(({ end }) => end);
    const axes = kept.map(({ axis }) => axis);
    if (this.opset < 10) return this.op("Slice", [x], { starts, ends, axes }, shape);
    const steps = kept.map(({ step = 1 }) => step);
    const bound = [starts, ends, axes, steps].map((list) => this.ints(list));
    return this.op("Slice", [x, ...bound], {}, shape);
  }

  /** The elements along these axes in reverse order. */
  reverse(x: Term, axes: readonly number[]): Term {
    const turned = axes.filter((axis) => x.shape[axis] > 1);
    if (turned.length === 0) return x;
    const sizes = turned.map((axis) => x.shape[axis]);
    if (this.opset < 10)
      return turned.reduce((t, axis, i) => this.#pick(t, axis, range(sizes[i]).reverse()), x);
    const starts = sizes.map((size) => size - 1);
    const ends = sizes.map((size) => -size - 1);
    const bounds = [starts, ends, turned, turned.map(() => -1)].map((list) => this.ints(list));
    return this.op("Slice", [x, ...bounds], {}, x.shape);
  }

  /** Fills before and after each axis, with zeros by default; a negative count takes elements away. */
  pad(x: Term, before: readonly number[], after: readonly number[], value = 0): Term {
    const pads = [...before, ...after];
    if (pads.every((count) => count === 0)) return x;
    const shape = x.shape.map((size, axis) => before[axis] + size + after[axis]);
    const mode = "constant";
    return this.opset >= 11
      ? this.op("Pad", [x, this.ints(pads), this.scalar(value)], { mode }, shape)
      : this.op("Pad", [x], { mode, pads, value: { type: "float", value } }, shape);
  }

  concat(parts: readonly Term[], axis: number): Term {
    if (parts.length === 1) return parts[0];
    const size = parts.reduce((total, part) => total + part.shape[axis], 0);
    return this.op("Concat", parts, { axis }, parts[0].shape.with(axis, size));
  }

  /** Sum of terms of one shape. */
  addAll(terms: readonly Term[]): Term {
    return terms.length === 1 ? terms[0] : this.op("Sum", terms, {}, terms[0].shape);
  }

  /** Multiplies one axis by a matrix `[from, to]`. */
  alongAxis(x: Term, axis: number, matrix: Term): Term {
    const axes = range(x.shape.length);
    const perm = [...axes.filter((i) => i !== axis), axis];
    const multiplied = this.matMul(this.transpose(x, perm), matrix);
    return this.transpose(
      multiplied,
      axes.map((i) => perm.indexOf(i)),
    );
  }

  within<T>(scope: string, body: () => T): T {
    return this.#g.within(scope, body);
  }

  #pick(x: Term, axis: number, indices: readonly number[]): Term {
    return this.op("Gather", [x, this.ints(indices)], { axis }, x.shape.with(axis, indices.length));
  }

  #elementwise(type: string, a: Operand, b: Operand): Term {
    const [x, y] = [this.#term(a), this.#term(b)];
    return this.op(type, [x, y], {}, broadcast(x.shape, y.shape));
  }

  #term(operand: Operand): Term {
    return typeof operand === "number" ? this.scalar(operand) : operand;
  }
}
