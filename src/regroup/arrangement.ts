import { range, sum } from "../util/math.js";
import type { KernelEnergy } from "./kernel-energy.js";

/** A convolution whose channels are being ordered. Energies are shares of the layer's whole. */
export interface Layer {
  readonly energy: KernelEnergy;
  readonly groups: number;
  /** The group that each row's, and each column's, present place belongs to. */
  readonly rowGroup: Int32Array;
  readonly colGroup: Int32Array;
}

/** A stretch of a layer's rows or columns that a space stands on, from `offset` on. */
export interface Stand {
  readonly layer: Layer;
  readonly side: "rows" | "cols";
  readonly offset: number;
}

/** Channels that stand in one order wherever they are read or written. */
export interface Arrangement {
  readonly size: number;
  readonly stands: readonly Stand[];
  /**
   * Ends of the runs of places that no layer tells apart: two channels of one cell can trade places and
   * nothing is gained or lost.
   */
  readonly cellEnds: readonly number[];
  /** The present place of each channel. */
  readonly place: Int32Array;
  /** Stands that have the same space on the layer's other side too: there the energy is quadratic. */
  readonly isTied: boolean;
}

export function arrange(size: number, stands: readonly Stand[]): Arrangement {
  const ends = new Set([size]);
  for (let place = 1; place < size; place++)
    if (stands.some((stand) => groupAt(stand, place) !== groupAt(stand, place - 1)))
      ends.add(place);
  const isTied = stands.some(
    (stand) =>
      stand.side === "rows" &&
      stands.some(({ layer, side }) => layer === stand.layer && side === "cols"),
  );
  return {
    size,
    stands,
    cellEnds: [...ends].sort((a, b) => a - b),
    place: Int32Array.from(range(size)),
    isTied,
  };
}

/** The group of a space's place within one layer. */
export function groupAt({ layer, side, offset }: Stand, place: number): number {
  return Math.floor(((offset + place) * layer.groups) / layer.energy[side]);
}

function groupsOf({ layer, side }: Stand): Int32Array {
  return side === "rows" ? layer.rowGroup : layer.colGroup;
}

/** Puts the channels of a space at these places, and tells its layers. */
export function settle(arrangement: Arrangement, places: Int32Array): void {
  arrangement.place.set(places);
  for (const stand of arrangement.stands) {
    const groups = groupsOf(stand);
    for (const [channel, place] of places.entries())
      groups[stand.offset + channel] = groupAt(stand, place);
  }
}

/** Places for channels sorted into cells: each cell's in the order of their numbers. */
export function placesOf(cellOf: Int32Array, cellEnds: readonly number[]): Int32Array {
  const next = [0, ...cellEnds];
  return cellOf.map((cell) => next[cell]++);
}

/** Share of a layer's energy that its groups keep as the channels stand now. */
export function keptShare({ energy, rowGroup, colGroup }: Layer): number {
  const { rows, cols, data } = energy;
  let kept = 0;
  for (let row = 0, at = 0; row < rows; row++)
    for (let col = 0; col < cols; col++, at++)
      if (rowGroup[row] === colGroup[col]) kept += data[at];
  return Math.min(1, kept); // rounding
}

/** What the layers a space stands on keep, together. */
export function keptAround({ stands }: Arrangement): number {
  return sum([...new Set(stands.map(({ layer }) => layer))].map(keptShare));
}

/**
 * What each channel of a stand would keep in each group of its layer, the layer's other side standing as it
 * does: `[size, groups]`.
 */
export function groupScores(stand: Stand, size: number): Float64Array {
  const { layer, side, offset } = stand;
  const { groups, rowGroup, colGroup } = layer;
  const { rows, cols, data } = layer.energy;
  const scores = new Float64Array(size * groups);
  if (side === "rows") {
    for (let channel = 0, at = offset * cols; channel < size; channel++)
      for (let col = 0; col < cols; col++, at++)
        scores[channel * groups + colGroup[col]] += data[at];
    return scores;
  }
  for (let row = 0; row < rows; row++) {
    const first = row * cols + offset;
    for (let channel = 0, at = rowGroup[row]; channel < size; channel++, at += groups)
      scores[at] += data[first + channel];
  }
  return scores;
}
