/**
 * xoshiro128** 1.1 by Blackman and Vigna, and splitmix64 by Vigna, which spreads a seed over its state.
 * Both are in the public domain. Source: https://prng.di.unimi.it/xoshiro128starstar.c, splitmix64.c
 */

/** Next 32 bits, as a whole number from 0 to 2^32 - 1. Advances the four words of `state`. */
export function xoshiro128(state: Uint32Array): number {
  const s0 = state[0];
  const s1 = state[1];
  const s2 = state[2];
  const s3 = state[3];
  const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9);
  state[0] = s0 ^ s3 ^ s1;
  state[1] = s1 ^ s2 ^ s0;
  state[2] = s2 ^ s0 ^ (s1 << 9);
  state[3] = rotateLeft(s3 ^ s1, 11);
  return result >>> 0;
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** The first `count` outputs of splitmix64 from a 64-bit seed, 64 bits each. */
export function splitmix64(seed: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    let z = BigInt.asUintN(64, seed + BigInt(i + 1) * 0x9e3779b97f4a7c15n);
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  });
}
