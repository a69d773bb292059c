import type { Graph, Value } from "../../graph/index.js";
import { GraphBuilder } from "../../ops/index.js";
import { ceilDiv, product, range } from "../../util/math.js";

/** The names of the outputs that carry one value's statistics of a batch. */
export interface StatisticsPorts {
  /** `[1, C, 1]`: the mean of each channel, rounded as the runtime rounds. */
  readonly mean: string;
  /** `[1, C, 1]`: the mean of what is left of the values once that is subtracted. */
  readonly residual: string;
  /** `[C, C]`: products of what is left, summed over all observations. */
  readonly products: string;
  /** Elements looked at, as one `int64`. */
  readonly size: string;
  /** Of some channels against others half a picture away; null without a picture. */
  readonly shifted: ShiftedPorts | null;
}

/**
 * What correlation unrelated channels show: one half of a channel against the other half of another one.
 * Both keep their statistics and how alike their neighbours are; what they have to do with each other at
 * one place is gone.
 */
export interface ShiftedPorts {
  /** `[c, c]`: products of the first half of a channel with the second of another, over all samples. */
  readonly products: string;
  /** `[c]`: squares of both halves. Each sample and channel is less its own mean. */
  readonly squares: string;
}

/** Channels that are shifted. */
const MOST_SHIFTED = 16;
/** A picture of fewer positions has no halves worth the name. */
const LEAST_SHIFTED_POSITIONS = 16;
/** `TensorProto.DataType` of float32. */
const FLOAT = 1;

/** The rows of a value that are looked at: every `step`th, so that a sample has at most so many positions. */
export function rowStep(shape: readonly number[], maxPositions: number): number {
  const [, , rows = 1, ...rest] = shape;
  const wanted = ceilDiv(rows * product(rest), maxPositions);
  return Math.max(1, Math.min(wanted, rows));
}

/** Writes statistics into one graph. */
export class StatisticsWriter {
  readonly #g: GraphBuilder;

  /** @param opset Version of the standard operator set the graph is written in. */
  constructor(
    readonly graph: Graph,
    readonly opset: number,
  ) {
    this.#g = new GraphBuilder(graph);
  }

  /**
   * The nodes that reduce a value to its channels' means and products, so that no activation leaves the
   * runtime. Values are centred before they are multiplied: a product of large numbers would lose what
   * little a channel of large mean varies.
   *
   * @param shape Of the value in a full batch: `[N, C, ...size]`.
   * @param step Looks at every `step`th row; see {@link rowStep}.
   */
  append(value: Value, shape: readonly number[], step = 1): StatisticsPorts {
    const g = this.#g;
    const [, channels, rows = 1, ...rest] = shape;
    const seen = range(ceilDiv(rows, step)).map((row) => row * step);
    const positions = seen.length * product(rest);
    const picked = step === 1 ? value : g.op("Gather", [value, g.ints(seen)], { axis: 2 });
    const x = g.reshape(g.op("Cast", [picked], { to: FLOAT }), [0, 0, -1]); // [N, C, K]
    const mean = this.#reduce("ReduceMean", x, [0, 2], 1); // [1, C, 1]
    const centred = g.op("Sub", [x, mean]);
    const residual = this.#reduce("ReduceMean", centred, [0, 2], 1);
    // A matrix a sample, as long as that is no larger than the sample; else one matrix of all.
    const vectors =
      positions >= channels
        ? centred
        : g.reshape(g.transpose(centred, [1, 0, 2]), [1, channels, -1]); // [1, C, N K]
    const products = this.#products(vectors, vectors);
    const size = g.op("Size", [x]);
    this.graph.outputs.push(mean, residual, products, size);
    return {
      mean: mean.name,
      residual: residual.name,
      products: products.name,
      size: size.name,
      shifted: this.#appendShifted(centred, channels, positions),
    };
  }

  #appendShifted(centred: Value, channels: number, positions: number): ShiftedPorts | null {
    if (positions < LEAST_SHIFTED_POSITIONS || channels < 2) return null;
    const g = this.#g;
    const step = ceilDiv(channels, MOST_SHIFTED);
    const some = range(ceilDiv(channels, step)).map((i) => i * step);
    const picked = step === 1 ? centred : g.op("Gather", [centred, g.ints(some)], { axis: 1 });
    const alone = g.op("Sub", [picked, this.#reduce("ReduceMean", picked, [2], 1)]); // [N, c, K]
    const half = Math.floor(positions / 2);
    const products = this.#products(this.#part(alone, 0, half), this.#part(alone, half, 2 * half));
    const squares = this.#reduce("ReduceSum", g.op("Mul", [alone, alone]), [0, 2], 0);
    this.graph.outputs.push(products, squares);
    return { products: products.name, squares: squares.name };
  }

  /** a b^T of `[N, c, K]`, summed over samples: `[c, c]`. */
  #products(a: Value, b: Value): Value {
    const perSample = this.#g.op("MatMul", [a, this.#g.transpose(b, [0, 2, 1])]);
    return this.#reduce("ReduceSum", perSample, [0], 0);
  }

  /** Opset 13 made the axes of sums an input, opset 18 those of means. */
  #reduce(
    op: "ReduceMean" | "ReduceSum",
    x: Value,
    axes: readonly number[],
    keepdims: 0 | 1,
  ): Value {
    return this.opset >= (op === "ReduceSum" ? 13 : 18)
      ? this.#g.op(op, [x, this.#g.ints(axes)], { keepdims })
      : this.#g.op(op, [x], { axes, keepdims });
  }

  /** Elements `start` to `end - 1` of axis 2. Opset 10 made the bounds inputs. */
  #part(x: Value, start: number, end: number): Value {
    const bounds = [[start], [end], [2]];
    return this.opset >= 10
      ? this.#g.op("Slice", [x, ...bounds.map((bound) => this.#g.ints(bound))])
      : this.#g.op("Slice", [x], { starts: [start], ends: [end], axes: [2] });
  }
}
