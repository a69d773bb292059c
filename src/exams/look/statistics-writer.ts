import type { Graph, Value } from "../../graph/index.js";
import { GraphBuilder } from "../../ops/index.js";
import { tensor } from "../../tensor/index.js";
import { ceilDiv, range } from "../../util/math.js";

/** The names of the outputs that carry one value's statistics of a batch. */
export interface StatisticsPorts {
  /** `[1, C, 1]`: the mean of each channel, rounded as the runtime rounds. */
  readonly mean: string;
  /** `[1, C, 1]`: the mean of what is left of the values once that is subtracted. */
  readonly residual: string;
  /** `[C, C]`: products of what is left, summed over all observations. */
  readonly products: string;
  /** Elements of the value, as one `int64`. */
  readonly size: string;
  /** Of some channels against others turned round; null without a picture to turn. */
  readonly turned: TurnedPorts | null;
}

/**
 * What correlation unrelated channels show: a channel against another one turned by 180 degrees. Both keep
 * their statistics, and how alike their neighbours are, while what they have to do with each other is gone.
 */
export interface TurnedPorts {
  /** `[c, c]`: products of a channel with another one turned round, summed over all observations. */
  readonly products: string;
  /** `[c]`: squares of the same, each sample less its own mean. */
  readonly squares: string;
}

/** Channels that are turned round. */
const MOST_TURNED = 16;
/** A picture of fewer positions is not turned. */
const LEAST_TURNED_POSITIONS = 16;
/** `TensorProto.DataType` of float32. */
const FLOAT = 1;

/** Writes statistics into one graph. */
export class StatisticsWriter {
  readonly #g: GraphBuilder;
  readonly #indices = new Map<string, Value>();

  /** @param opset Version of the standard operator set the graph is written in. */
  constructor(
    readonly graph: Graph,
    readonly opset: number,
  ) {
    this.#g = new GraphBuilder(graph);
  }

  /**
   * The nodes that reduce a value `[N, C, ...size]` to its channels' means and products, so that no
   * activation leaves the runtime. Values are centred before they are multiplied: a product of large
   * numbers would lose what little a channel of large mean varies.
   *
   * @param positions Of one sample and channel; null where the runtime could not tell.
   */
  append(value: Value, channels: number, positions: number | null): StatisticsPorts {
    const g = this.#g;
    const x = g.reshape(g.op("Cast", [value], { to: FLOAT }), [0, 0, -1]); // [N, C, K]
    const mean = this.#reduce("ReduceMean", x, [0, 2], 1); // [1, C, 1]
    const centred = g.op("Sub", [x, mean]);
    const residual = this.#reduce("ReduceMean", centred, [0, 2], 1);
    // A matrix a sample, as long as that is no larger than the sample; else one matrix of all.
    const perSample = positions !== null && positions >= channels;
    const rows = perSample
      ? centred
      : g.reshape(g.transpose(centred, [1, 0, 2]), [1, channels, -1]); // [1, C, N K]
    const products = this.#products(rows, rows);
    const size = g.op("Size", [value]);
    this.graph.outputs.push(mean, residual, products, size);
    return {
      mean: mean.name,
      residual: residual.name,
      products: products.name,
      size: size.name,
      turned: this.#appendTurned(centred, channels, positions),
    };
  }

  #appendTurned(centred: Value, channels: number, positions: number | null): TurnedPorts | null {
    if (positions === null || positions < LEAST_TURNED_POSITIONS || channels < 2) return null;
    const g = this.#g;
    const step = ceilDiv(channels, MOST_TURNED);
    const some = range(ceilDiv(channels, step)).map((i) => i * step);
    const picked = g.op("Gather", [centred, g.ints(some)], { axis: 1 }); // [N, c, K]
    const alone = g.op("Sub", [picked, this.#reduce("ReduceMean", picked, [2], 1)]);
    const turned = g.op("Gather", [alone, this.#backwards(positions)], { axis: 2 });
    const products = this.#products(alone, turned);
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

  /** K - 1, ..., 1, 0: what turns a picture of K positions by 180 degrees. */
  #backwards(positions: number): Value {
    const key = `backwards_${positions}`;
    const known = this.#indices.get(key);
    if (known) return known;
    const indices = BigInt64Array.from(range(positions), (i) => BigInt(positions - 1 - i));
    const value = this.#g.constant(tensor(indices, [positions]), this.graph.freshName(key));
    this.#indices.set(key, value);
    return value;
  }
}
