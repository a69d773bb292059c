import type { Rng } from "../tensor/index.js";
import { range } from "../util/math.js";
import type { KernelEnergy } from "./kernel-energy.js";

/** Rows a block is grown from: the one with the most energy left, and some by chance. */
const SEED_ROWS = 4;
const MOST_ROUNDS = 10;

/** The group of each row and of each column. */
export interface Blocks {
  readonly rowGroup: Int32Array;
  readonly colGroup: Int32Array;
}

interface Block {
  readonly rows: readonly number[];
  readonly cols: readonly number[];
  readonly energy: number;
}

/**
 * Cuts a matrix into `groups` blocks of equal size, one after the other, each the fullest that is found in
 * what is left. A block grows from one row: the columns where that row has most, the rows that have most in
 * those columns, and so on until nothing more is gained. A start for `channelOrders`, not an optimum.
 *
 * @param tied Row i and column i are one channel (of a square matrix) and go together.
 */
export function peelBlocks(energy: KernelEnergy, groups: number, rng: Rng, tied: boolean): Blocks {
  const [height, width] = [energy.rows / groups, energy.cols / groups];
  const rowGroup = new Int32Array(energy.rows);
  const colGroup = new Int32Array(energy.cols);
  let left = { rows: range(energy.rows), cols: range(energy.cols) };
  for (let group = 0; group < groups; group++) {
    const { rows, cols } = left;
    const isLast = group === groups - 1;
    let best: Block | null = isLast ? { rows, cols, energy: 0 } : null;
    for (const seed of isLast ? [] : seedRows(energy, rows, cols, rng)) {
      const block = tied
        ? growTied(energy, rows, seed, height)
        : grow(energy, left, seed, height, width);
      if (!best || block.energy > best.energy) best = block;
    }
    for (const row of best!.rows) rowGroup[row] = group;
    for (const col of best!.cols) colGroup[col] = group;
    const [takenRows, takenCols] = [new Set(best!.rows), new Set(best!.cols)];
    left = {
      rows: rows.filter((row) => !takenRows.has(row)),
      cols: cols.filter((col) => !takenCols.has(col)),
    };
  }
  return { rowGroup, colGroup };
}

function seedRows(
  energy: KernelEnergy,
  rows: readonly number[],
  cols: readonly number[],
  rng: Rng,
): number[] {
  const [fullest] = top(rows, rowSums(energy, rows, cols), 1);
  const others = range(SEED_ROWS - 1).map(() => rows[rng.integer(0, rows.length)]);
  return [...new Set([fullest, ...others])];
}

function grow(
  energy: KernelEnergy,
  left: { readonly rows: readonly number[]; readonly cols: readonly number[] },
  seed: number,
  height: number,
  width: number,
): Block {
  let block: Block | null = null;
  let rows: readonly number[] = [seed];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const cols = top(left.cols, colSums(energy, rows, left.cols), width);
    const sums = rowSums(energy, left.rows, cols);
    rows = top(left.rows, sums, height);
    const grown = { rows, cols, energy: sumOf(rowSums(energy, rows, cols)) };
    if (block && grown.energy <= block.energy) break;
    block = grown;
  }
  return block!;
}

function growTied(
  energy: KernelEnergy,
  left: readonly number[],
  seed: number,
  size: number,
): Block {
  let block: Block | null = null;
  let members: readonly number[] = [seed];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const out = colSums(energy, members, left);
    const into = rowSums(energy, left, members);
    members = top(
      left,
      out.map((value, i) => value + into[i]),
      size,
    );
    const grown = {
      rows: members,
      cols: members,
      energy: sumOf(rowSums(energy, members, members)),
    };
    if (block && grown.energy <= block.energy) break;
    block = grown;
  }
  return block!;
}

/** The `count` items with the largest sums, ascending; the earlier one of equals. */
function top(items: readonly number[], sums: Float64Array, count: number): number[] {
  const places = range(items.length).sort((a, b) => sums[b] - sums[a] || a - b);
  return places
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((place) => items[place]);
}

function rowSums(
  { data, cols: stride }: KernelEnergy,
  rows: readonly number[],
  cols: readonly number[],
): Float64Array {
  const sums = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++)
    for (let j = 0, first = rows[i] * stride; j < cols.length; j++)
      sums[i] += data[first + cols[j]];
  return sums;
}

function colSums(
  { data, cols: stride }: KernelEnergy,
  rows: readonly number[],
  cols: readonly number[],
): Float64Array {
  const sums = new Float64Array(cols.length);
  for (const row of rows)
    for (let j = 0, first = row * stride; j < cols.length; j++) sums[j] += data[first + cols[j]];
  return sums;
}

function sumOf(numbers: Float64Array): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
