import { divisors, range, sum } from "../../util/math.js";
import { type MeanAndSd, meanAndSd, type Spread, spreadOf } from "../../util/statistics.js";
import type { Correlation } from "./correlation.js";
import { MatrixPainter } from "./matrix-picture.js";
import { RowTotals } from "./row-totals.js";
import type { BlockScore, MatrixPicture } from "./section.js";

/** From this |r| on two channels are one. */
export const DUPLICATE_R = 0.99;

/** What the pairs of channels come to. */
export interface PairSummary {
  readonly means: PairMeans;
  /** See {@link BlockScore}; for every group count between 1 and C that divides C. */
  readonly blockScores: readonly BlockScore[];
  /** Channels that go with an earlier one, ascending. */
  readonly duplicates: readonly number[];
  /** C^2 / sum of r^2 over living channels; null when there is none. See `ChannelSummary`. */
  readonly participation: number | null;
  readonly participationSpread: Spread | null;
  readonly matrix: MatrixPicture;
}

/** Of r and of |r| over pairs of distinct living channels; null where there is no pair. */
export interface PairMeans {
  readonly r: MeanAndSd | null;
  readonly absR: MeanAndSd | null;
  readonly withinGroups: MeanAndSd | null;
  readonly acrossGroups: MeanAndSd | null;
}

export interface PairOptions {
  /** Consecutive blocks of equal size that the channels fall into; it divides their number. */
  readonly groups: number;
  /** Largest side of the picture, in cells. */
  readonly matrixSize: number;
}

/** Passes over the matrix once, row by row: a large one is not read from memory again for every number. */
export function summarizePairs(
  correlation: Correlation,
  { groups, matrixSize }: PairOptions,
): PairSummary {
  const { channels, dead } = correlation;
  const counts = divisors(channels).filter((count) => count > 1 && count < channels);
  const blocks = counts.map((count) => new BlockTotals(channels / count));
  const duplicates = new Set<number>();
  const painter = new MatrixPainter(channels, matrixSize);
  const totals = new RowTotals(channels);
  const [all, within] = [newSums(), newSums()];
  for (let i = 0; i < channels; i++) {
    correlation.readRow(i, totals.row);
    totals.read(i);
    all.signed += totals.signed;
    all.abs += totals.abs;
    all.squares += totals.squares;
    const end = endOfBlock(i, channels / groups);
    within.abs += totals.absBefore[end];
    within.squares += totals.squaresBefore[end];
    for (const block of blocks) block.read(i, totals);
    if (totals.largest >= DUPLICATE_R)
      for (let j = i + 1; j < channels; j++)
        if (Math.abs(totals.row[j]) >= DUPLICATE_R) duplicates.add(j);
    painter.paint(i, totals);
  }
  return {
    means: meansOf(all, within, correlation, groups),
    blockScores: all.squares === 0 ? [] : blocks.map((block) => block.score(all.squares, channels)),
    duplicates: [...duplicates].sort((a, b) => a - b),
    ...participationOf(totals.squaresOf, dead),
    matrix: painter.finish(dead),
  };
}

/** Over pairs. */
interface Sums {
  signed: number;
  abs: number;
  squares: number;
}

function newSums(): Sums {
  return { signed: 0, abs: 0, squares: 0 };
}

/** r^2 within blocks of one size, as rows come by. */
class BlockTotals {
  #block = 0;
  readonly #blocks: number[] = [];

  constructor(readonly side: number) {}

  read(i: number, { squaresBefore }: RowTotals): void {
    const end = endOfBlock(i, this.side);
    this.#block += squaresBefore[end];
    if (i + 1 < end) return;
    this.#blocks.push(this.#block);
    this.#block = 0;
  }

  /** @param squares Of r, over all pairs. */
  score(squares: number, channels: number): BlockScore {
    const count = this.#blocks.length;
    const chance = (this.side - 1) / (channels - 1);
    const { mean, sd } = meanAndSd(
      this.#blocks.map((inside) => aboveChance((count * inside) / squares, chance)),
    );
    return { groups: count, score: mean, sdScore: sd };
  }
}

/** @param squaresOf Of r of each channel, over the others. */
function participationOf(
  squaresOf: ArrayLike<number>,
  dead: readonly number[],
): Pick<PairSummary, "participation" | "participationSpread"> {
  const isDead = new Set(dead);
  const living = range(squaresOf.length).filter((i) => !isDead.has(i));
  if (living.length === 0) return { participation: null, participationSpread: null };
  const shared = living.map((i) => 1 + squaresOf[i]); // with itself, too
  return {
    participation: living.length ** 2 / sum(shared),
    participationSpread: spreadOf(shared.map((one) => living.length / one)),
  };
}

function meansOf(
  all: Sums,
  within: Sums,
  { channels, dead }: Correlation,
  groups: number,
): PairMeans {
  const block = channels / groups;
  const living = range(groups).map(() => block);
  for (const i of dead) living[Math.floor(i / block)]--;
  const pairs = pairsOf(channels - dead.length);
  const pairsWithin = sum(living.map(pairsOf));
  return {
    r: meanOf(all.signed, all.squares, pairs),
    absR: meanOf(all.abs, all.squares, pairs),
    withinGroups: meanOf(within.abs, within.squares, pairsWithin),
    acrossGroups: meanOf(all.abs - within.abs, all.squares - within.squares, pairs - pairsWithin),
  };
}

function meanOf(total: number, squares: number, count: number): MeanAndSd | null {
  if (count === 0) return null;
  const mean = total / count;
  return { mean, sd: Math.sqrt(Math.max(0, squares / count - mean ** 2)) };
}

function pairsOf(count: number): number {
  return (count * (count - 1)) / 2;
}

function endOfBlock(i: number, block: number): number {
  return (Math.floor(i / block) + 1) * block;
}

/** A share, set so that 0 is what chance gives and 1 is all. */
function aboveChance(share: number, chance: number): number {
  return (share - chance) / (1 - chance);
}
