const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/**
 * Natural logarithm of a normal positive number, to about one unit in the last place.
 *
 * Made of exactly rounded operations only, so every machine gives the same bits; ECMAScript leaves the
 * accuracy of `Math.log` to the engine.
 *
 * With x = m * 2^e, sqrt(1/2) <= m < sqrt(2) and s = (m - 1) / (m + 1):
 * ln x = e ln 2 + 2 (s + s^3/3 + s^5/5 + ...), where |s| < 0.172 makes the terms past s^21 vanish.
 */
export function portableLog(x: number): number {
  scratch[0] = x;
  let e = (scratchWords[1] >>> 20) - 1023;
  scratchWords[1] = (scratchWords[1] & 0xfffff) | (1023 << 20); // now 1 <= m < 2
  let m = scratch[0];
  if (m >= Math.SQRT2) {
    m /= 2;
    e += 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series = 0;
  for (let k = 21; k >= 1; k -= 2) series = series * z + 1 / k;
  return e * Math.LN2 + 2 * s * series;
}
