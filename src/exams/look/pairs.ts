import { divisors, range, sum } from "../../util/math.js";
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
  readonly matrix: MatrixPicture;
}

/** Means over pairs of distinct living channels; null where there is no pair. */
export interface PairMeans {
  readonly r: number | null;
  readonly absR: number | null;
  /** Standard deviation of |r|. */
  readonly sdAbsR: number | null;
  readonly withinGroups: number | null;
  readonly acrossGroups: number | null;
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
  const insideBlocks = counts.map(() => 0);
  const duplicates = new Set<number>();
  const painter = new MatrixPainter(channels, matrixSize);
  const totals = new RowTotals(channels);
  let [signed, abs, within, squares] = [0, 0, 0, 0];
  for (let i = 0; i < channels; i++) {
    correlation.readRow(i, totals.row);
    totals.read(i + 1);
    signed += totals.signed;
    abs += totals.abs;
    within += totals.absBefore[endOfBlock(i, channels / groups)];
    squares += totals.squares;
    for (const [k, count] of counts.entries())
      insideBlocks[k] += totals.squaresBefore[endOfBlock(i, channels / count)];
    if (totals.largest >= DUPLICATE_R)
      for (let j = i + 1; j < channels; j++)
        if (Math.abs(totals.row[j]) >= DUPLICATE_R) duplicates.add(j);
    painter.paint(i, totals);
  }
  const living = channels - dead.length;
  return {
    means: meansOf({ signed, abs, within, squares }, correlation, groups),
    blockScores:
      squares === 0
        ? []
        : counts.map((count, k) => ({
            groups: count,
            score: aboveChance(insideBlocks[k] / squares, (channels / count - 1) / (channels - 1)),
          })),
    duplicates: [...duplicates].sort((a, b) => a - b),
    participation: living === 0 ? null : living ** 2 / (living + 2 * squares),
    matrix: painter.finish(dead),
  };
}

function meansOf(
  { signed, abs, within, squares }: Record<"signed" | "abs" | "within" | "squares", number>,
  { channels, dead }: Correlation,
  groups: number,
): PairMeans {
  const block = channels / groups;
  const living = range(groups).map(() => block);
  for (const i of dead) living[Math.floor(i / block)]--;
  const pairs = pairsOf(channels - dead.length);
  const pairsWithin = sum(living.map(pairsOf));
  const mean = (total: number, count: number) => (count > 0 ? total / count : null);
  return {
    r: mean(signed, pairs),
    absR: mean(abs, pairs),
    sdAbsR: pairs > 0 ? Math.sqrt(Math.max(0, squares / pairs - (abs / pairs) ** 2)) : null,
    withinGroups: mean(within, pairsWithin),
    acrossGroups: mean(abs - within, pairs - pairsWithin),
  };
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
