import { ceilDiv } from "../../util/math.js";
import type { RowTotals } from "./row-totals.js";
import type { MatrixPicture } from "./section.js";

/** Draws a correlation matrix as its rows come; see {@link MatrixPicture}. */
export class MatrixPainter {
  readonly #channelsPerCell: number;
  readonly #size: number;
  /** Sums over cells, of which those under the diagonal stay empty. */
  readonly #totals: Float64Array;

  /** @param mostCells Of a side. */
  constructor(
    readonly channels: number,
    mostCells: number,
  ) {
    this.#channelsPerCell = ceilDiv(channels, mostCells);
    this.#size = ceilDiv(channels, this.#channelsPerCell);
    this.#totals = new Float64Array(this.#size ** 2);
  }

  /** Row i, behind the diagonal. */
  paint(i: number, { row, absBefore }: RowTotals): void {
    const [size, side] = [this.#size, this.#channelsPerCell];
    const own = Math.floor(i / side);
    for (let cell = own; cell < size; cell++) {
      const start = Math.max(i + 1, cell * side);
      const end = this.#endOf(cell);
      if (start >= end) continue;
      const total = side === 1 ? row[start] : absBefore[end] - absBefore[start];
      // A pair of one cell on the diagonal stands for both its orders.
      this.#totals[own * size + cell] += cell === own ? 2 * total : total;
    }
  }

  /** @param dead Channels without an r, with themselves too. */
  finish(dead: readonly number[]): MatrixPicture {
    const [size, side] = [this.#size, this.#channelsPerCell];
    const widthOf = (cell: number) => this.#endOf(cell) - cell * side;
    const cells = new Int8Array(size * size);
    for (let cell = 0; cell < size; cell++) this.#totals[cell * (size + 1)] += widthOf(cell);
    for (const i of dead) this.#totals[Math.floor(i / side) * (size + 1)]--;
    for (let row = 0; row < size; row++)
      for (let column = row; column < size; column++) {
        const mean = this.#totals[row * size + column] / (widthOf(row) * widthOf(column));
        const cell = Math.round(127 * mean);
        cells[row * size + column] = cell;
        cells[column * size + row] = cell;
      }
    return { size, channelsPerCell: side, cells: toBase64(new Uint8Array(cells.buffer)) };
  }

  #endOf(cell: number): number {
    return Math.min(this.channels, (cell + 1) * this.#channelsPerCell);
  }
}

/** r by cell, row by row: what a {@link MatrixPainter} wrote, to a 127th. */
export function readMatrix({ cells }: MatrixPicture): Float64Array {
  const bytes = Uint8Array.from(atob(cells), (character) => character.charCodeAt(0));
  return Float64Array.from(new Int8Array(bytes.buffer), (cell) => cell / 127);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
