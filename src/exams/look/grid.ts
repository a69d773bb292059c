import { product, range } from "../../util/math.js";

/**
 * Positions of each axis that are looked at, the same distance apart on all axes as nearly as can be, so that a
 * sample has at most so many. Neighbours in a picture are alike; a grid over all of it tells more than some whole rows.
 */
export function gridOf(size: readonly number[], maxPositions: number): number[] {
  const total = product(size);
  if (total <= maxPositions) return [...size];
  const distance = (total / maxPositions) ** (1 / size.length);
  const counts = size.map((length) => Math.ceil(length / distance));
  // The longest axis loses least by one position fewer.
  while (product(counts) > maxPositions) counts[counts.lastIndexOf(Math.max(...counts))]--;
  return counts;
}

/**
 * The grid of one sample, as places in its rows one behind the other. It lies elsewhere in every sample: a fixed one
 * would never see one border of a small picture and always the other, and one phase only of what repeats itself, as
 * behind a strided transposed convolution. Over many samples every position is looked at alike often.
 *
 * @param sample Its number, from 0 on: the grids of samples in a row lie as far from each other as can be.
 */
export function gridPositions(
  size: readonly number[],
  counts: readonly number[],
  sample: number,
): number[] {
  const ratio = goldenRatio(size.length);
  return size.reduce<number[]>(
    (places, length, axis) => {
      const shift = (0.5 + sample * ratio ** -(axis + 1)) % 1;
      const own = range(counts[axis]).map((i) => Math.floor(((i + shift) * length) / counts[axis]));
      return places.flatMap((place) => own.map((at) => place * length + at));
    },
    [0],
  );
}

/**
 * The positive root of x^(d + 1) = x + 1; multiples of its first d inverse powers, modulo 1, fill d dimensions evenly
 * (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences").
 */
function goldenRatio(dimensions: number): number {
  return range(40).reduce((x) => (1 + x) ** (1 / (dimensions + 1)), 2);
}
