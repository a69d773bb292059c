import type { Shapes } from "../runtime/index.js";
import { divisors, gcd, product, range } from "../util/math.js";
import type { Convolution } from "./convolution.js";
import { packBlocks } from "./pack-blocks.js";
import { findParallelConvolutions, type ParallelConvolutions } from "./parallel-convolutions.js";
import { findBlocks, type KernelMatrix, type WeightBlocks, zeroShare } from "./weight-blocks.js";
import { WeightNumbers } from "./weight-numbers.js";

/** A convolution whose weight is zero wherever one of more groups has no weight. */
export interface HiddenGroups {
  readonly convolution: Convolution;
  /** The most groups found that hold all that is not zero; more than the convolution has. */
  readonly groups: number;
  /** The most when every channel stays where it is; the convolution's own groups when no more. */
  readonly naturalGroups: number;
  /** The orders of channels in which the groups stand together; null when they do already. */
  readonly orders: ChannelOrders | null;
  /** Share of the weight that is exactly zero, 0 to 1. */
  readonly zeroShare: number;
  /** Channels with no weight at all, which go to any group that has room. */
  readonly deadInputs: number;
  readonly deadOutputs: number;
}

/** Place i has the channel `inputs[i]`, or `outputs[i]`, of the convolution. */
export interface ChannelOrders {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

export interface HiddenGroupsFact {
  readonly layers: readonly HiddenGroups[];
  readonly parallel: readonly ParallelConvolutions[];
  /** Convolutions whose weights were not looked at, and why. */
  readonly skipped: readonly { readonly convolution: Convolution; readonly reason: string }[];
}

export interface HiddenGroupsOptions {
  /** Weights with more elements are skipped. Defaults to 64 Mi. */
  readonly mostElements?: number;
}

/**
 * Finds groups that a network has without saying so: weights that are block-diagonal in some order of
 * their channels, and convolutions beside each other that are one grouped convolution spelled out.
 *
 * Reads of each layer that could have more groups the first row of each group, and the whole weight only
 * where that leaves a doubt; one layer after the other, in time linear in the elements read. Zero means exactly zero. The groups found hold; where connected parts of different
 * sizes have to be packed into groups, more may exist (see `packBlocks`).
 */
export async function findHiddenGroups(
  convolutions: readonly Convolution[],
  shapes: Shapes | null = null,
  options: HiddenGroupsOptions = {},
): Promise<HiddenGroupsFact> {
  const { mostElements = 2 ** 26 } = options;
  const layers: HiddenGroups[] = [];
  const skipped: { convolution: Convolution; reason: string }[] = [];
  for (const convolution of convolutions) {
    if (possibleGroups(convolution).length === 0) continue;
    const elements = product(convolution.weightShape);
    const numbers =
      elements > mostElements
        ? `its weight has ${elements} elements, more than ${mostElements}`
        : await WeightNumbers.of(convolution);
    if (typeof numbers === "string") skipped.push({ convolution, reason: numbers });
    else if (!(await isPlainlyDense(convolution, numbers))) {
      const hidden = await groupsInWeight(convolution, numbers);
      if (hidden) layers.push(hidden);
    }
  }
  return { layers, parallel: await findParallelConvolutions(convolutions, shapes), skipped };
}

/** Group counts above the convolution's own that divide its channels, most first. */
function possibleGroups({ weightShape, groups }: Convolution): number[] {
  const [rows, cols] = [weightShape[0], weightShape[1] * groups];
  const isSound = groups > 0 && rows % groups === 0 && product(weightShape) > 0;
  if (!isSound) return [];
  return divisors(gcd(rows, cols))
    .filter((count) => count > groups)
    .reverse();
}

/**
 * One row without a zero kernel joins all columns of its group, so a group whose first row is such hides
 * none: most layers are done with after one row a group instead of the whole weight.
 */
async function isPlainlyDense(
  { weightShape, groups }: Convolution,
  numbers: WeightNumbers,
): Promise<boolean> {
  if (!numbers.hasRows) return false;
  const [rows, cols, ...kernel] = weightShape;
  const size = product(kernel);
  for (let group = 0; group < groups; group++) {
    const row = await numbers.row((group * rows) / groups);
    for (let col = 0; col < cols; col++) if (isZeroBetween(row, col * size, size)) return false;
  }
  return true;
}

function isZeroBetween(row: Float64Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) if (row[i] !== 0) return false;
  return true;
}

async function groupsInWeight(
  convolution: Convolution,
  numbers: WeightNumbers,
): Promise<HiddenGroups | null> {
  const { weightShape, groups } = convolution;
  const matrix: KernelMatrix = {
    data: await numbers.all(),
    rows: weightShape[0],
    cols: weightShape[1] * groups,
    groups,
    kernelSize: product(weightShape.slice(2)),
  };
  const blocks = findBlocks(matrix);
  const counts = possibleGroups(convolution);
  const naturalGroups = counts.find((count) => standsInOrder(blocks, matrix, count)) ?? groups;
  for (const count of counts) {
    const binOf = count === naturalGroups ? null : pack(blocks, matrix, count);
    if (!binOf && count !== naturalGroups) continue;
    const orders = binOf && channelOrders(blocks, matrix, binOf, count);
    const isTransposed = convolution.op === "ConvTranspose";
    const { rows, cols } = blocks.dead;
    return {
      convolution,
      groups: count,
      naturalGroups,
      orders: orders && {
        inputs: isTransposed ? orders.rows : orders.cols,
        outputs: isTransposed ? orders.cols : orders.rows,
      },
      zeroShare: zeroShare(matrix),
      deadInputs: (isTransposed ? rows : cols).length,
      deadOutputs: (isTransposed ? cols : rows).length,
    };
  }
  return null;
}

function pack({ live }: WeightBlocks, { rows, cols }: KernelMatrix, count: number) {
  const sizes = live.map((block) => ({ rows: block.rows.length, cols: block.cols.length }));
  return packBlocks(sizes, count, { rows: rows / count, cols: cols / count });
}

/** Is each connected part within one of `count` equal ranges, the same for its rows and its columns? */
function standsInOrder({ live }: WeightBlocks, { rows, cols }: KernelMatrix, count: number) {
  if (live.length < count) return false;
  return live.every((block) => {
    const group = Math.floor((block.rows[0] * count) / rows);
    return (
      Math.floor((block.rows.at(-1)! * count) / rows) === group &&
      Math.floor((block.cols[0] * count) / cols) === group &&
      Math.floor((block.cols.at(-1)! * count) / cols) === group
    );
  });
}

/** Blocks in the order of their bins, each bin filled up with dead channels. */
function channelOrders(
  { live, dead }: WeightBlocks,
  matrix: KernelMatrix,
  binOf: readonly number[],
  count: number,
): { rows: number[]; cols: number[] } {
  const orderOf = (side: "rows" | "cols") => {
    const bins = range(count).map((): number[] => []);
    for (const [i, block] of live.entries()) bins[binOf[i]].push(...block[side]);
    let spare = 0;
    for (const bin of bins) {
      const missing = matrix[side] / count - bin.length;
      bin.push(...dead[side].slice(spare, spare + missing));
      spare += missing;
      bin.sort((a, b) => a - b);
    }
    return bins.flat();
  };
  return { rows: orderOf("rows"), cols: orderOf("cols") };
}
