import { Html, html } from "../../html/escape.js";
import type { LookLayer } from "../look-columns.js";

/** Where one shade ends and the next begins, by |r|; below the first nothing is drawn. */
const SHADES = [0.1, 0.25, 0.5, 0.75];

/**
 * The correlation matrix of a layer with the borders of its groups. Neighbours of one shade are one piece of a
 * path, and a shade is one path: thousands of rectangles would make the file ten times as large.
 */
export function heatMap({ name, output, outChannels, groups }: LookLayer): Html {
  const { matrix } = output;
  const { size, channelsPerCell } = matrix;
  const cells = correlations(matrix.cells);
  const paths = new Map<string, string>();
  for (let row = 0; row < size; row++)
    for (let column = 0, end = 0; column < size; column = end) {
      const shade = shadeOf(cells[row * size + column]);
      end = column + 1;
      while (end < size && shadeOf(cells[row * size + end]) === shade) end++;
      if (shade === null) continue;
      const piece = `M${column} ${row}h${end - column}v1h${column - end}z`;
      paths.set(shade, (paths.get(shade) ?? "") + piece);
    }
  const step = outChannels / groups / channelsPerCell;
  const borders = step < 2 ? [] : Array.from({ length: groups - 1 }, (_, i) => (i + 1) * step);
  const label = `Correlations between ${outChannels} channels of ${name}`;
  return html`<svg class="heat" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges">
${[...paths].map(([shade, path]) => html`<path class="${shade}" d="${new Html(path)}"/>`)}
${borders.map((at) => html`<path class="border" d="M0 ${at}H${size}M${at} 0V${size}"/>`)}
<rect class="frame" width="${size}" height="${size}"/>
</svg>`;
}

function shadeOf(r: number): string | null {
  const shade = SHADES.filter((limit) => Math.abs(r) >= limit).length;
  return shade === 0 ? null : `${r < 0 ? "cold" : "hot"} shade-${shade}`;
}

/** r by cell, row by row: 127 r in base64 of int8, as `MatrixPicture` says. */
function correlations(cells: string): Float64Array {
  const bytes = Uint8Array.from(atob(cells), (character) => character.charCodeAt(0));
  return Float64Array.from(new Int8Array(bytes.buffer), (cell) => cell / 127);
}
