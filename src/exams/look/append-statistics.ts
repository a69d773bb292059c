import type { Graph, Value } from "../../graph/index.js";
import { GraphBuilder } from "../../ops/index.js";

/** The outputs that carry one value's statistics of a batch, by name. */
export interface StatisticsPort {
  /** `[1, C, 1]`: the mean of each channel, rounded as the runtime rounds. */
  readonly mean: string;
  /** `[1, C, 1]`: the mean of what is left of the values once that is subtracted. */
  readonly residual: string;
  /** `[C, C]`: products of what is left, summed over positions and averaged over the batch. */
  readonly products: string;
  /** Elements of the value, as `int64`. */
  readonly count: string;
}

export interface StatisticsOptions {
  /** Version of the standard operator set the graph is written in. */
  readonly opset: number;
  /** Channels and positions of one sample, where they are known. */
  readonly channels: number;
  readonly positions: number | null;
}

/** Element type float32, as `Cast` names it. */
const FLOAT = 1;

/**
 * Writes the nodes that reduce a value `[N, C, ...size]` to its channels' means and products, so that no
 * activation leaves the runtime. The values are centred before they are multiplied: a product of large
 * numbers would lose what is left of a channel of large mean and small variance.
 */
export function appendStatistics(
  graph: Graph,
  value: Value,
  options: StatisticsOptions,
): StatisticsPort {
  const { opset, channels, positions } = options;
  const g = new GraphBuilder(graph);
  const average = (x: Value, axes: readonly number[], keepdims: 0 | 1) =>
    opset >= 18
      ? g.op("ReduceMean", [x, g.ints(axes)], { keepdims })
      : g.op("ReduceMean", [x], { axes, keepdims });

  const x = g.reshape(g.op("Cast", [value], { to: FLOAT }), [0, 0, -1]); // [N, C, K]
  const mean = average(x, [0, 2], 1); // [1, C, 1]
  const centred = g.op("Sub", [x, mean]);
  const residual = average(centred, [0, 2], 1);
  // A matrix a sample, as long as it is no larger than the sample; else one matrix of all.
  const byChannel =
    positions !== null && positions >= channels
      ? centred
      : g.reshape(g.transpose(centred, [1, 0, 2]), [1, channels, -1]); // [1, C, N K]
  const product = g.op("MatMul", [byChannel, g.transpose(byChannel, [0, 2, 1])]);
  const products = average(product, [0], 0);
  const count = g.op("Size", [value]);

  const outputs = { mean, residual, products, count };
  graph.outputs.push(...Object.values(outputs));
  return {
    mean: mean.name,
    residual: residual.name,
    products: products.name,
    count: count.name,
  };
}
