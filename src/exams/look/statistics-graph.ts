import type { Model, Value } from "../../graph/index.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import { range } from "../../util/math.js";

/** What the graph of {@link writeStatistics} takes and gives. */
export const PORTS = {
  /** `[N, blocks, C / blocks, K]`: values of a layer. */
  x: "x",
  /** `[blocks, C / blocks, 1, 1]`: the mean of each channel, rounded as the runtime rounds. */
  mean: "mean",
  /** As `mean`: the mean of what is left of the values once that is subtracted. */
  residual: "residual",
  /** `[c, 2]`: block and place in it of the channels that are shifted. */
  some: "some",
  /** `[1]`: positions of half a picture, and of both halves. */
  half: "half",
  both: "both",
  /** `[c, c]`: products of the first half of a channel with the second of another, over all samples. */
  shiftedProducts: "shifted_products",
  /** `[c]`: squares of both halves. Each half is less its own mean. */
  shiftedSquares: "shifted_squares",
} as const;

/**
 * `[pairs, C / blocks, C / blocks]`: what is left of the values of one block times that of the block so many
 * further on, the first following the last, summed over all observations; a matrix for each such pair.
 */
export const productsPort = (offset: number) => `products_${offset}`;

/** How far apart blocks are multiplied: that is every pair of them once. */
export function offsetsOf(blocks: number): number[] {
  return range(Math.floor(blocks / 2) + 1);
}

/** Pairs of blocks so far apart: half a round away each is met from both sides. */
export function pairsAt(offset: number, blocks: number): number {
  return offset > 0 && 2 * offset === blocks ? offset : blocks;
}

/**
 * A model that reduces values to their channels' means and products. Channels come in blocks, and each pair of
 * blocks is multiplied once: the products are symmetric, and a block stays in the processor's cache. Values are
 * centred first: a product of large numbers would lose what little a channel of large mean varies.
 *
 * @param shifted Whether it also compares halves of pictures; see `ShiftedMoments`.
 */
export function writeStatistics(blocks: number, shifted: boolean): Model {
  const model = newModel("statistics");
  const g = new GraphBuilder(model.graph);
  const x = g.input(PORTS.x, ["N", blocks, "C", "K"]);
  const lines = g.transpose(x, [1, 2, 0, 3]); // [blocks, C / blocks, N, K]
  const mean = g.op("ReduceMean", [lines], { axes: [2, 3] });
  const centred = g.op("Sub", [lines, mean]);
  const residual = g.op("ReduceMean", [centred], { axes: [2, 3] });
  g.output(mean, PORTS.mean);
  g.output(residual, PORTS.residual);
  const all = g.reshape(centred, [0, 0, -1]); // [blocks, C / blocks, N K]
  for (const offset of offsetsOf(blocks)) {
    const pairs = range(pairsAt(offset, blocks));
    const take = (picked: number[]) => g.op("Gather", [all, g.ints(picked)]);
    const left = pairs.length === blocks ? all : take(pairs);
    const right = offset === 0 ? all : take(pairs.map((block) => (block + offset) % blocks));
    g.output(g.op("MatMul", [left, g.transpose(right, [0, 2, 1])]), productsPort(offset));
  }
  if (shifted) writeShifted(g, centred);
  return model;
}

function writeShifted(g: GraphBuilder, centred: Value): void {
  const some = g.input(PORTS.some, ["c", 2], "int64");
  const half = g.input(PORTS.half, [1], "int64");
  const both = g.input(PORTS.both, [1], "int64");
  const picked = g.op("GatherND", [centred, some]); // [c, N, K]
  // A mean of both halves would put what two channels have in common at one place into their product across places.
  const part = (start: Value, end: Value) => {
    const own = g.op("Slice", [picked, start, end, g.ints([2])]);
    const alone = g.op("Sub", [own, g.op("ReduceMean", [own], { axes: [2] })]);
    return g.reshape(alone, [0, -1]); // [c, N K / 2]
  };
  const [first, second] = [part(g.ints([0]), half), part(half, both)];
  g.output(g.op("MatMul", [first, g.transpose(second, [1, 0])]), PORTS.shiftedProducts);
  const squares = (x: Value) => g.op("ReduceSumSquare", [x], { axes: [1], keepdims: 0 });
  g.output(g.op("Add", [squares(first), squares(second)]), PORTS.shiftedSquares);
}
