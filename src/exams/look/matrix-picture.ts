import { ceilDiv } from "../../util/math.js";
import type { Correlation } from "./correlation.js";
import type { MatrixPicture } from "./section.js";
import { rowOf } from "./triangle.js";

/** A matrix of at most `mostCells` cells a side; see {@link MatrixPicture}. */
export function drawMatrix({ channels, r }: Correlation, mostCells: number): MatrixPicture {
  const channelsPerCell = ceilDiv(channels, mostCells);
  const size = ceilDiv(channels, channelsPerCell);
  const cells = new Int8Array(size * size);
  const endOf = (cell: number) => Math.min(channels, (cell + 1) * channelsPerCell);
  for (let row = 0; row < size; row++)
    for (let column = row; column < size; column++) {
      let [total, count] = [0, 0];
      for (let i = row * channelsPerCell; i < endOf(row); i++) {
        const line = rowOf(i, channels);
        const first = column * channelsPerCell;
        for (let j = row === column ? i : first; j < endOf(column); j++) {
          // A pair of one cell on the diagonal stands for both its orders.
          const times = row === column && i !== j ? 2 : 1;
          const value = r[line + j];
          total += times * (channelsPerCell === 1 ? value : Math.abs(value));
          count += times;
        }
      }
      const cell = Math.round((127 * total) / count);
      cells[row * size + column] = cell;
      cells[column * size + row] = cell;
    }
  return { size, channelsPerCell, cells: toBase64(new Uint8Array(cells.buffer)) };
}

/** r by cell, row by row: what {@link drawMatrix} wrote, to a 127th. */
export function readMatrix({ cells }: MatrixPicture): Float64Array {
  const bytes = Uint8Array.from(atob(cells), (character) => character.charCodeAt(0));
  return Float64Array.from(new Int8Array(bytes.buffer), (cell) => cell / 127);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
