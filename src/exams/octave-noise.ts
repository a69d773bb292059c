import type { Rng } from "../tensor/index.js";
import { ceilDiv } from "../util/math.js";

/** Bilinear interpolation between independent points leaves (2/3)^2 of their variance on average. */
const INTERPOLATION_GAIN = 3 / 2;

/**
 * A picture `[height, width]` of 1/f noise: the same variance in every octave, as natural pictures have it
 * (Field 1987, https://doi.org/10.1364/JOSAA.4.002379). Mean near 0, variance near 1.
 */
export function octaveNoise(rng: Rng, height: number, width: number): Float32Array {
  const picture = new Float32Array(height * width);
  let octaves = 0;
  for (let step = 2 ** Math.floor(Math.log2(Math.max(height, width))); step >= 1; step /= 2) {
    addOctave(picture, rng, height, width, step);
    octaves++;
  }
  const scale = 1 / Math.sqrt(octaves);
  for (let i = 0; i < picture.length; i++) picture[i] *= scale;
  return picture;
}

/** Adds random points `step` pixels apart, with straight lines between them. */
function addOctave(
  picture: Float32Array,
  rng: Rng,
  height: number,
  width: number,
  step: number,
): void {
  const rows = ceilDiv(height, step) + 2;
  const columns = ceilDiv(width, step) + 2;
  const points = rng.normal([rows, columns]).data;
  const [top, left] = [rng.float() * step, rng.float() * step];
  const gain = step === 1 ? 1 : INTERPOLATION_GAIN;
  for (let y = 0, at = 0; y < height; y++) {
    const row = step === 1 ? y : (y + top) / step;
    const fromTop = row - Math.floor(row);
    for (let x = 0; x < width; x++, at++) {
      const column = step === 1 ? x : (x + left) / step;
      const fromLeft = column - Math.floor(column);
      const corner = Math.floor(row) * columns + Math.floor(column);
      const above = points[corner] * (1 - fromLeft) + points[corner + 1] * fromLeft;
      const below =
        points[corner + columns] * (1 - fromLeft) + points[corner + columns + 1] * fromLeft;
      picture[at] += gain * (above * (1 - fromTop) + below * fromTop);
    }
  }
}
