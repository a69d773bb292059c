import { ceilDiv, range } from "../util/math.js";

/** How much of two things a block needs, or a bin has left. */
export interface Size {
  readonly rows: number;
  readonly cols: number;
}

/** With more blocks than this of different sizes, only the greedy packing is tried. */
const MOST_BLOCKS_SEARCHED = 64;
/** Placements tried before a search gives up. */
const MOST_TRIALS = 100_000;

/**
 * Puts blocks into `count` bins of one size, at least one block in each; gives the bin of every block, or
 * null.
 *
 * Exact when all blocks are of one size. Else greedy, the largest first; and where that fails a search
 * among up to 64 blocks, which may give up on hard cases: null then means "not found".
 */
export function packBlocks(
  blocks: readonly Size[],
  count: number,
  bin: Size,
): readonly number[] | null {
  if (blocks.length < count) return null;
  if (blocks.some((block) => !fits(block, bin))) return null;
  const [first] = blocks;
  if (blocks.every(({ rows, cols }) => rows === first.rows && cols === first.cols)) {
    const most = ceilDiv(blocks.length, count);
    const isRoomy = most * first.rows <= bin.rows && most * first.cols <= bin.cols;
    return isRoomy ? blocks.map((_, i) => i % count) : null;
  }
  const weight = ({ rows, cols }: Size) => Math.max(rows / bin.rows, cols / bin.cols);
  const order = range(blocks.length).sort((a, b) => weight(blocks[b]) - weight(blocks[a]));
  const sorted = order.map((i) => blocks[i]);
  const placed = packGreedily(sorted, count, bin) ?? packBySearch(sorted, count, bin);
  if (!placed) return null;
  fillEmptyBins(placed, count);
  const binOf: number[] = [];
  for (const [k, i] of order.entries()) binOf[i] = placed[k];
  return binOf;
}

function packGreedily(blocks: readonly Size[], count: number, bin: Size): number[] | null {
  const left = Array.from({ length: count }, () => ({ ...bin }));
  const placed: number[] = [];
  for (const block of blocks) {
    const at = left.findIndex((room) => fits(block, room));
    if (at < 0) return null;
    take(left[at], block, 1);
    placed.push(at);
  }
  return placed;
}

function packBySearch(blocks: readonly Size[], count: number, bin: Size): number[] | null {
  if (blocks.length > MOST_BLOCKS_SEARCHED) return null;
  const left = Array.from({ length: count }, () => ({ ...bin }));
  const placed: number[] = [];
  let trials = 0;
  const place = (i: number): boolean => {
    if (i === blocks.length) return true;
    const tried = new Set<string>();
    for (const [at, room] of left.entries()) {
      const key = `${room.rows} ${room.cols}`; // bins with equal room are alike
      if (tried.has(key) || !fits(blocks[i], room)) continue;
      tried.add(key);
      if (++trials > MOST_TRIALS) return false;
      take(room, blocks[i], 1);
      placed[i] = at;
      if (place(i + 1)) return true;
      take(room, blocks[i], -1);
    }
    return false;
  };
  return place(0) ? placed : null;
}

/** A bin with several blocks gives one away: it fits anywhere alone. */
function fillEmptyBins(placed: number[], count: number): void {
  const held = Array(count).fill(0);
  for (const at of placed) held[at]++;
  let from = 0;
  for (const empty of range(count)) {
    if (held[empty] > 0) continue;
    while (held[placed[from]] === 1) from++;
    held[placed[from]]--;
    held[empty]++;
    placed[from] = empty;
  }
}

function fits(block: Size, room: Size): boolean {
  return block.rows <= room.rows && block.cols <= room.cols;
}

function take(room: { rows: number; cols: number }, block: Size, times: 1 | -1): void {
  room.rows -= times * block.rows;
  room.cols -= times * block.cols;
}
