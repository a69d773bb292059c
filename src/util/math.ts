/** Plain arithmetic; imports nothing. */

/** `[start, start + 1, ..., end - 1]`; with one argument, `[0, ..., start - 1]`. */
export function range(start: number, end?: number): number[] {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** Product of all numbers; 1 for none. */
export function product(numbers: Iterable<number>): number {
  let result = 1;
  for (const n of numbers) result *= n;
  return result;
}

export function sum(numbers: Iterable<number>): number {
  let result = 0;
  for (const n of numbers) result += n;
  return result;
}

/** Greatest common divisor of two positive whole numbers. */
export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** All positive divisors of a positive whole number, ascending. */
export function divisors(n: number): number[] {
  const low: number[] = [];
  const high: number[] = [];
  for (let d = 1; d * d <= n; d++) {
    if (n % d !== 0) continue;
    low.push(d);
    if (d * d !== n) high.push(n / d);
  }
  return [...low, ...high.reverse()];
}

export function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(n) && n > 0 && 2 ** Math.round(Math.log2(n)) === n;
}

/** One number for both axes, or one an axis. */
export function pair(value: number | readonly [number, number]): [number, number] {
  return typeof value === "number" ? [value, value] : [value[0], value[1]];
}

/** Whole part of a division, rounded up. */
export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}
