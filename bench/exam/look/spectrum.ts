/** One frame of a short-time spectrum: frequencies 0 to half the rate, as real and imaginary parts. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Spectra of frames as long as the window, each `hop` samples after the one before. */
export function shortTimeSpectra(
  samples: Float32Array,
  window: Float64Array,
  hop: number,
): Spectrum[] {
  const size = window.length;
  const frames = Math.max(0, Math.floor((samples.length - size) / hop) + 1);
  return Array.from({ length: frames }, (_, frame) => {
    const start = frame * hop;
    const { re, im } = transform(window.map((weight, i) => weight * samples[start + i]));
    return { re: re.subarray(0, size / 2 + 1), im: im.subarray(0, size / 2 + 1) };
  });
}

/**
 * sum over k of x[k] exp(-2 pi i j k / n), by Cooley and Tukey with the least factor of n at a time.
 * @param im Zeros by default.
 */
export function transform(re: Float64Array, im = new Float64Array(re.length)): Spectrum {
  const n = re.length;
  if (n <= 1) return { re, im };
  let factor = 2;
  while (n % factor !== 0) factor++;
  const m = n / factor;
  const part = (x: Float64Array, first: number) =>
    Float64Array.from({ length: m }, (_, i) => x[first + i * factor]);
  const parts = Array.from({ length: factor }, (_, first) =>
    factor === n
      ? { re: re.subarray(first, first + 1), im: im.subarray(first, first + 1) }
      : transform(part(re, first), part(im, first)),
  );
  const roots = rootsOfOne(n);
  const sum: Spectrum = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let j = 0; j < n; j++)
    for (const [first, { re: x, im: y }] of parts.entries()) {
      const [k, power] = [j % m, (j * first) % n];
      sum.re[j] += x[k] * roots.re[power] - y[k] * roots.im[power];
      sum.im[j] += x[k] * roots.im[power] + y[k] * roots.re[power];
    }
  return sum;
}

const known = new Map<number, Spectrum>();

/** exp(-2 pi i j / n). */
function rootsOfOne(n: number): Spectrum {
  const found = known.get(n);
  if (found) return found;
  const along = (of: (angle: number) => number) =>
    Float64Array.from({ length: n }, (_, j) => of((-2 * Math.PI * j) / n));
  const made = { re: along(Math.cos), im: along(Math.sin) };
  known.set(n, made);
  return made;
}
