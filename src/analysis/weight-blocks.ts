import { range } from "../util/math.js";
import { Parts } from "./parts.js";

/**
 * A convolution's weight seen as a matrix of kernels, `[rows, cols / groups, kernelSize]`: a row of group
 * g has kernels for the columns of group g. For Conv the rows are output channels, for ConvTranspose input
 * channels.
 */
export interface KernelMatrix {
  readonly data: Float32Array | Float64Array;
  readonly rows: number;
  readonly cols: number;
  readonly groups: number;
  readonly kernelSize: number;
}

/** Rows and columns, both ascending. */
export interface Block {
  readonly rows: readonly number[];
  readonly cols: readonly number[];
}

export interface WeightBlocks {
  /** Rows and columns that kernels other than zero link, directly or by others. */
  readonly live: readonly Block[];
  /** What has zero kernels only. */
  readonly dead: Block;
}

/** The connected parts of a weight. Once all columns of a group are linked, a row is read up to its first link. */
export function findBlocks(matrix: KernelMatrix): WeightBlocks {
  const { rows, cols, groups } = matrix;
  const [height, width] = [rows / groups, cols / groups];
  const parts = new Parts(cols);
  const isLive = new Uint8Array(cols);
  const linkOf = new Int32Array(rows); // a column of each row's part, -1 for none
  for (const group of range(groups)) {
    const countWhenLinked = parts.count - (width - 1);
    for (let row = group * height; row < (group + 1) * height; row++) {
      const isLinked = parts.count === countWhenLinked;
      const used = usedColumns(matrix, row, isLinked ? 1 : width);
      linkOf[row] = used[0] ?? -1;
      for (const col of used) isLive[col] = 1;
      parts.join(used);
    }
  }
  const blocks = new Map<number, { rows: number[]; cols: number[] }>();
  const dead = { rows: [] as number[], cols: [] as number[] };
  for (const col of range(cols)) {
    if (!isLive[col]) dead.cols.push(col);
    else if (!blocks.get(parts.rootOf(col))?.cols.push(col))
      blocks.set(parts.rootOf(col), { rows: [], cols: [col] });
  }
  for (const row of range(rows)) {
    const block = linkOf[row] < 0 ? dead : blocks.get(parts.rootOf(linkOf[row]))!;
    block.rows.push(row);
  }
  return { live: [...blocks.values()], dead };
}

/** Share of the elements that are exactly zero. */
export function zeroShare({ data }: KernelMatrix): number {
  let zeros = 0;
  for (const element of data) if (element === 0) zeros++;
  return zeros / data.length;
}

/** Columns whose kernel in a row is not all zero, at most `limit` of them. */
function usedColumns(matrix: KernelMatrix, row: number, limit: number): number[] {
  const { data, rows, cols, groups, kernelSize } = matrix;
  const width = cols / groups;
  const firstCol = Math.floor(row / (rows / groups)) * width;
  const used: number[] = [];
  for (let i = 0, at = row * width * kernelSize; i < width; i++, at += kernelSize) {
    let k = 0;
    while (k < kernelSize && data[at + k] === 0) k++;
    if (k < kernelSize && used.push(firstCol + i) === limit) break;
  }
  return used;
}
