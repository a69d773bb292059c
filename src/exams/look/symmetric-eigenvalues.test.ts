import fc from "fast-check";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { expect, it } from "vitest";
import { Rng } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.js";

const ascending = (numbers: ArrayLike<number>) => Array.from(numbers).sort((a, b) => a - b);

function expectEigenvalues(rows: readonly (readonly number[])[], expected: readonly number[]) {
  const found = ascending(symmetricEigenvalues(Float64Array.from(rows.flat()), rows.length));
  const scale = Math.max(...expected.map(Math.abs), Number.MIN_VALUE);
  expect(found.length).toBe(expected.length);
  for (const [i, value] of ascending(expected).entries())
    expect(Math.abs(found[i] - value) / scale).toBeLessThan(1e-12);
}

it("has what a hand finds", () => {
  expectEigenvalues([[5]], [5]);
  expectEigenvalues(
    [
      [2, 1],
      [1, 2],
    ],
    [1, 3],
  );
  // n ones: n once and 0 otherwise.
  expectEigenvalues(
    range(6).map(() => range(6).map(() => 1)),
    [0, 0, 0, 0, 0, 6],
  );
  expectEigenvalues(
    range(4).map((i) => range(4).map((j) => (i === j ? i - 2 : 0))),
    [-2, -1, 0, 1],
  );
  expectEigenvalues(
    range(3).map(() => [0, 0, 0]),
    [0, 0, 0],
  );
  // 2 on the diagonal and -1 beside it: 2 - 2 cos(k pi / (n + 1)).
  const n = 50;
  expectEigenvalues(
    range(n).map((i) => range(n).map((j) => [2, -1][Math.abs(i - j)] ?? 0)),
    range(n).map((k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))),
  );
});

it("reads nothing over the diagonal", () => {
  const found = symmetricEigenvalues(Float64Array.of(2, Number.NaN, 1, 2), 2);
  expect(ascending(found)).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
});

it("agrees with ml-matrix on matrices of any rank and signs", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      fc.boolean(),
      (size, rank, seed, isGram) => {
        const x = Matrix.from1DArray(size, rank, new Rng(seed).normal([size, rank]).data);
        const y = isGram
          ? x
          : Matrix.from1DArray(size, rank, new Rng(seed + 1).normal([size, rank]).data);
        const product = x.mmul(y.transpose());
        const rows = Matrix.add(product, product.transpose()).to2DArray();
        const { realEigenvalues } = new EigenvalueDecomposition(new Matrix(rows), {
          assumeSymmetric: true,
        });
        expectEigenvalues(rows, realEigenvalues);
        // Their sum is the trace, whoever else computes them.
        const found = symmetricEigenvalues(Float64Array.from(rows.flat()), size);
        const scale = sum(Array.from(found, Math.abs));
        expect(Math.abs(sum(found) - sum(range(size).map((i) => rows[i][i])))).toBeLessThan(
          1e-12 * scale,
        );
      },
    ),
  );
});

it("ends where numbers are not finite", () => {
  const matrix = Float64Array.of(1, 0, 0, Number.NaN, 1, 0, 1, 1, 1);
  expect(() => symmetricEigenvalues(matrix, 3)).toThrow("not finite");
});
