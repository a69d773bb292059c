import { ceilDiv } from "../../util/math.js";
import type { Correlation } from "./correlation.js";
import type { MatrixPicture } from "./section.js";

/** A matrix of at most `mostCells` cells a side; see {@link MatrixPicture}. */
export function drawMatrix({ channels, r }: Correlation, mostCells: number): MatrixPicture {
  const channelsPerCell = ceilDiv(channels, mostCells);
  const size = ceilDiv(channels, channelsPerCell);
  const cells = new Int8Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      let [total, count] = [0, 0];
      const [rowEnd, columnEnd] = [row + 1, column + 1].map((next) =>
        Math.min(channels, next * channelsPerCell),
      );
      for (let i = row * channelsPerCell; i < rowEnd; i++)
        for (let j = column * channelsPerCell; j < columnEnd; j++) {
          const value = r[i * channels + j];
          total += channelsPerCell === 1 ? value : Math.abs(value);
          count++;
        }
      cells[row * size + column] = Math.round((127 * total) / count);
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
