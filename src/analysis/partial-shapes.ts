import {
  type Graph,
  intAttribute,
  intsAttribute,
  isOp,
  type Node,
  type Value,
} from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { range } from "../util/math.js";
import { foldIntegers, type Integers } from "./integers.js";

/** A shape as far as it is known: null for an axis nobody knows. */
export type PartialShape = readonly (number | null)[];

/** Operators whose output has the shape of their first input. */
const SAME_SHAPE = [
  ..."Identity Cast Dropout Softmax LayerNormalization BatchNormalization Relu Sigmoid Neg Sqrt".split(
    " ",
  ),
];
const ELEMENTWISE = "Mul Div Add Sub Pow Where".split(" ");

/** Further back than this, what a reshape said is of no use. */
const MOST_STEPS = 32;

/**
 * Follows shapes from the reshapes that set them, where the runtime inferred none: a reshape to a computed
 * batch and a constant number of heads still tells the heads.
 */
export class PartialShapes {
  /** Reads the small integer constants of a graph. */
  static async of(graph: Graph, shapes: Shapes | null): Promise<PartialShapes> {
    // A shape of no axes is the runtime's way to say that the rank is unknown.
    const known = new Map([...(shapes ?? [])].filter(([, shape]) => shape.length > 0));
    return new PartialShapes(known, await foldIntegers(graph, known));
  }

  readonly #found = new Map<Value, PartialShape | null>();

  private constructor(
    readonly shapes: Shapes,
    readonly integers: Integers,
  ) {}

  /** Null when not even the rank is known. */
  get(value: Value, steps = MOST_STEPS): PartialShape | null {
    let shape = this.shapes.get(value) ?? this.#found.get(value);
    if (shape === undefined) {
      shape = steps > 0 ? this.#derive(value.producer, steps - 1) : null;
      this.#found.set(value, shape);
    }
    return shape;
  }

  #derive(node: Node | null, steps: number): PartialShape | null {
    if (!node) return null;
    const inputShape = (value: Value | null) => (value ? this.get(value, steps) : null);
    const [first = null] = node.inputs;
    if (isOp(node, "Reshape")) return this.#reshaped(node, () => inputShape(first));
    if (isOp(node, ...ELEMENTWISE)) return widest(node.inputs.map(inputShape));
    const shape = inputShape(first);
    return shape && this.#moved(node, shape);
  }

  #reshaped(node: Node, from: () => PartialShape | null): PartialShape | null {
    const target = this.#list(node.inputs[1]);
    return (
      target?.map((size, axis) => {
        if (size === 0) return from()?.[axis] ?? null;
        return size === -1 ? null : size;
      }) ?? null
    );
  }

  #moved(node: Node, shape: PartialShape): PartialShape | null {
    const rank = shape.length;
    const [, second] = node.inputs;
    const axes = (names: readonly number[] | null | undefined) =>
      names?.map((axis) => (axis < 0 ? axis + rank : axis));
    if (isOp(node, ...SAME_SHAPE)) return shape;
    if (isOp(node, "Transpose")) {
      const perm = intsAttribute(node, "perm") ?? range(rank).reverse();
      return perm.length === rank ? perm.map((axis) => shape[axis] ?? null) : null;
    }
    if (isOp(node, "Slice", "Split")) {
      const changed = isOp(node, "Split")
        ? axes([intAttribute(node, "axis", 0)])
        : axes(intsAttribute(node, "axes") ?? this.#constant(node, 3));
      return shape.map((size, axis) => (changed && !changed.includes(axis) ? size : null));
    }
    if (isOp(node, "Squeeze")) {
      const gone = axes(intsAttribute(node, "axes") ?? this.#constant(node, 1));
      return gone ? shape.filter((_, axis) => !gone.includes(axis)) : null;
    }
    if (isOp(node, "Gather")) {
      const indices = second && (second.initializer?.shape ?? this.shapes.get(second));
      const [axis] = axes([intAttribute(node, "axis", 0)])!;
      return indices ? [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)] : null;
    }
    return null;
  }

  #constant(node: Node, index: number): readonly number[] | undefined {
    const input = node.inputs[index];
    return input ? this.integers.get(input) : undefined;
  }

  /** A list of sizes, computed ones unknown. */
  #list(value: Value | null | undefined): PartialShape | null {
    if (!value) return null;
    const known = this.integers.get(value);
    if (known) return known;
    if (!isOp(value.producer, "Concat")) return null;
    return value.producer.inputs.flatMap((part): PartialShape => {
      const numbers = part ? this.integers.get(part) : undefined;
      const length = part ? (this.shapes.get(part)?.[0] ?? 1) : 0;
      return numbers ?? Array<null>(Math.min(length, MOST_STEPS)).fill(null);
    });
  }
}

/** The shape with the most axes; exact sizes come from whoever has them. */
function widest(shapes: readonly (PartialShape | null)[]): PartialShape | null {
  let widest: PartialShape | null = null;
  for (const shape of shapes) if (shape && shape.length > (widest?.length ?? -1)) widest = shape;
  return widest;
}
