import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { range } from "../util/math.js";
import { findBlocks, type KernelMatrix, zeroShare } from "./weight-blocks.js";

/** A matrix of 1x1 kernels. */
function matrixOf(rows: readonly (readonly number[])[], groups = 1): KernelMatrix {
  return {
    data: Float32Array.from(rows.flat()),
    rows: rows.length,
    cols: rows[0].length * groups,
    groups,
    kernelSize: 1,
  };
}

describe("findBlocks", () => {
  it("finds what is linked, by others too, and what is not", () => {
    const matrix = matrixOf([
      [1, 0, 0, 2, 0],
      [0, 0, 3, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 4, 0, 5, 0], // links column 1 to row 0 by column 3
    ]);
    expect(findBlocks(matrix)).toEqual({
      live: [
        { rows: [0, 3], cols: [0, 1, 3] },
        { rows: [1], cols: [2] },
      ],
      dead: { rows: [2], cols: [4] },
    });
  });

  it("keeps the groups there are apart", () => {
    // Rows 0 and 1 read columns 0 and 1, rows 2 and 3 columns 2 and 3.
    const matrix = matrixOf(
      [
        [1, 2],
        [3, 4],
        [5, 0],
        [0, 6],
      ],
      2,
    );
    expect(findBlocks(matrix).live).toEqual([
      { rows: [0, 1], cols: [0, 1] },
      { rows: [2], cols: [2] },
      { rows: [3], cols: [3] },
    ]);
  });

  it("takes a kernel for zero only if every element is, whatever the sign of the zero", () => {
    const data = Float32Array.of(0, -0, 0, 0, 1e-45, 0);
    const matrix = { data, rows: 1, cols: 3, groups: 1, kernelSize: 2 };
    expect(findBlocks(matrix)).toEqual({
      live: [{ rows: [0], cols: [2] }],
      dead: { rows: [], cols: [0, 1] },
    });
    expect(zeroShare(matrix)).toBe(5 / 6);
  });

  it("takes what is not a number for a weight", () => {
    expect(findBlocks(matrixOf([[Number.NaN, 0]])).live).toEqual([{ rows: [0], cols: [0] }]);
  });

  it("agrees with reachability by brute force", () => {
    const shapes = fc.record({
      groups: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 1, max: 4 }),
      width: fc.integer({ min: 1, max: 4 }),
      kernelSize: fc.constantFrom(1, 2),
      share: fc.constantFrom(0.2, 0.5, 0.9),
      seed: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(shapes, ({ groups, height, width, kernelSize, share, seed }) => {
        const count = groups * height * width * kernelSize;
        const draws = [...seed.take(count)];
        const matrix = {
          data: Float64Array.from(draws, (u) => (u < share ? u + 1 : 0)),
          rows: groups * height,
          cols: groups * width,
          groups,
          kernelSize,
        };
        const { live, dead } = findBlocks(matrix);
        expect([...live].sort((a, b) => a.cols[0] - b.cols[0])).toEqual(reachable(matrix));
        const rows = [...live.flatMap((block) => block.rows), ...dead.rows];
        const cols = [...live.flatMap((block) => block.cols), ...dead.cols];
        expect(rows.sort((a, b) => a - b)).toEqual(range(matrix.rows));
        expect(cols.sort((a, b) => a - b)).toEqual(range(matrix.cols));
      }),
      { numRuns: 300, seed: 20261123 },
    );
  });

  it("reads a block-diagonal weight in time linear in its elements", async () => {
    const ratio = await growth(128, (size) => {
      const data = new Float32Array(size * size);
      for (let row = 0; row < size; row++)
        for (let col = row % 4; col < size; col += 4) data[row * size + col] = 1;
      return () => findBlocks({ data, rows: size, cols: size, groups: 1, kernelSize: 1 });
    });
    expect(ratio).toBeLessThan(LINEAR * 16); // 16 times the size is 256 times the elements
  });

  it("reads little of a dense weight: the first row, and one kernel of every other", async () => {
    const ratio = await growth(256, (size) => {
      const data = new Float32Array(size * size).fill(1);
      return () => findBlocks({ data, rows: size, cols: size, groups: 1, kernelSize: 1 });
    });
    expect(ratio).toBeLessThan(LINEAR); // far from 256
  });
});

/** From each column not seen yet, everything that non-zero kernels lead to. */
function reachable({ data, rows, cols, groups, kernelSize }: KernelMatrix) {
  const isLinked = (row: number, col: number) => {
    const [height, width] = [rows / groups, cols / groups];
    if (Math.floor(row / height) !== Math.floor(col / width)) return false;
    const at = (row * width + (col % width)) * kernelSize;
    return data.subarray(at, at + kernelSize).some((element) => element !== 0);
  };
  const seen = new Set<number>();
  const found: { rows: number[]; cols: number[] }[] = [];
  for (const start of range(cols)) {
    if (seen.has(start) || !range(rows).some((row) => isLinked(row, start))) continue;
    const block = { rows: new Set<number>(), cols: new Set([start]) };
    for (const _ of range(rows + cols)) {
      for (const row of range(rows))
        if ([...block.cols].some((col) => isLinked(row, col))) block.rows.add(row);
      for (const col of range(cols))
        if ([...block.rows].some((row) => isLinked(row, col))) block.cols.add(col);
    }
    for (const col of block.cols) seen.add(col);
    const ascending = (set: Set<number>) => [...set].sort((a, b) => a - b);
    found.push({ rows: ascending(block.rows), cols: ascending(block.cols) });
  }
  return found;
}
