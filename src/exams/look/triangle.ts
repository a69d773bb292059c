/**
 * Symmetric matrices as their upper triangles, row by row, the diagonal among it: C (C + 1) / 2 numbers. Row i
 * starts with its diagonal; element (i, j), i <= j, is at `rowOf(i, channels) + j`.
 */
export function triangleSize(channels: number): number {
  return (channels * (channels + 1)) / 2;
}

/** Where row i would have its column 0. */
export function rowOf(i: number, channels: number): number {
  return i * channels - (i * (i + 1)) / 2;
}

/** Where element (i, j) is, in either order. */
export function pairAt(i: number, j: number, channels: number): number {
  return i <= j ? rowOf(i, channels) + j : rowOf(j, channels) + i;
}
