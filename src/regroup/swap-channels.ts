import { type Arrangement, groupAt, groupScores, type Stand, settle } from "./arrangement.js";

/** Smaller gains, as a share of a layer's energy, are taken for rounding. */
export const LEAST_GAIN = 1e-12;

/** A layer that has one space on both sides, and the stretches it stands on there. */
interface Tie {
  readonly rows: Stand;
  readonly cols: Stand;
}

/**
 * Trades the places of two channels of a space wherever that keeps more, until no pair gains: for spaces
 * that a layer both reads and writes, where a channel's worth depends on where its neighbours go.
 *
 * @returns Was there a gain?
 */
export function swapChannels(arrangement: Arrangement): boolean {
  const swaps = new Swaps(arrangement);
  let [hasGained, isSettled] = [false, false];
  while (!isSettled) {
    isSettled = true;
    for (let a = 0; a < arrangement.size; a++)
      for (let b = a + 1; b < arrangement.size; b++) {
        if (swaps.gain(a, b) <= LEAST_GAIN) continue;
        swaps.apply(a, b);
        [hasGained, isSettled] = [true, false];
      }
  }
  settle(arrangement, swaps.places);
  return hasGained;
}

class Swaps {
  readonly places: Int32Array;
  readonly #stands: readonly { readonly stand: Stand; readonly table: Float64Array }[];
  readonly #tables: ReadonlyMap<Stand, Float64Array>;
  readonly #ties: readonly Tie[];

  constructor({ place, size, stands }: Arrangement) {
    this.places = place.slice();
    this.#stands = stands.map((stand) => ({ stand, table: groupScores(stand, size) }));
    this.#tables = new Map(this.#stands.map(({ stand, table }) => [stand, table]));
    this.#ties = tiesOf(stands);
  }

  /** What is kept more when channels a and b trade places. */
  gain(a: number, b: number): number {
    const { places } = this;
    let gain = 0;
    for (const { stand, table } of this.#stands) {
      const { groups } = stand.layer;
      const groupA = groupAt(stand, places[a]);
      const groupB = groupAt(stand, places[b]);
      gain += table[a * groups + groupB] - table[a * groups + groupA];
      gain += table[b * groups + groupA] - table[b * groups + groupB];
    }
    for (const tie of this.#ties)
      gain +=
        this.#correction(tie, a, a, b) +
        this.#correction(tie, a, b, a) +
        this.#correction(tie, b, a, b) +
        this.#correction(tie, b, b, a);
    return gain;
  }

  /**
   * The tables take everybody else to stay, but the kernel between two channels that move sees both its
   * ends move: what that makes of the gain. `colOther` is the channel whose place the column takes.
   */
  #correction({ rows, cols }: Tie, row: number, col: number, colOther: number): number {
    const { places } = this;
    const rowOther = row === col ? colOther : col;
    const rowBefore = groupAt(rows, places[row]);
    const rowAfter = groupAt(rows, places[rowOther]);
    const colBefore = groupAt(cols, places[col]);
    const colAfter = groupAt(cols, places[colOther]);
    const { energy } = rows.layer;
    const kernel = energy.data[(rows.offset + row) * energy.cols + cols.offset + col];
    return (
      kernel *
      (Number(rowAfter === colAfter) -
        Number(rowAfter === colBefore) -
        Number(rowBefore === colAfter) +
        Number(rowBefore === colBefore))
    );
  }

  apply(a: number, b: number): void {
    const { places } = this;
    for (const { rows, cols } of this.#ties) {
      const [rowTable, colTable] = [this.#tables.get(rows)!, this.#tables.get(cols)!];
      const { energy, groups } = rows.layer;
      const move = (channel: number, from: number, to: number) => {
        const [colFrom, colTo] = [groupAt(cols, from), groupAt(cols, to)];
        const [rowFrom, rowTo] = [groupAt(rows, from), groupAt(rows, to)];
        for (let i = 0; i < places.length; i++) {
          const asCol = energy.data[(rows.offset + i) * energy.cols + cols.offset + channel];
          rowTable[i * groups + colFrom] -= asCol;
          rowTable[i * groups + colTo] += asCol;
          const asRow = energy.data[(rows.offset + channel) * energy.cols + cols.offset + i];
          colTable[i * groups + rowFrom] -= asRow;
          colTable[i * groups + rowTo] += asRow;
        }
      };
      move(a, places[a], places[b]);
      move(b, places[b], places[a]);
    }
    [places[a], places[b]] = [places[b], places[a]];
  }
}

function tiesOf(stands: readonly Stand[]): Tie[] {
  const on = (side: "rows" | "cols") => stands.filter((stand) => stand.side === side);
  return on("rows").flatMap((rows) =>
    on("cols")
      .filter((cols) => cols.layer === rows.layer)
      .map((cols) => ({ rows, cols })),
  );
}
