import type { Matrix } from "ml-matrix";
import { Tensor } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import type { PointwiseSums } from "./pointwise-sums.js";

/** Only when something is fitted: it is larger than all that is done without it. */
const loadAlgebra = () => import("ml-matrix");
type LinearAlgebra = Awaited<ReturnType<typeof loadAlgebra>>;

/** Directions in which x varies less than this share of its strongest are rounding, not data. */
const LEAST_VARIANCE = 1e-12;

export interface FitPointwiseOptions {
  /** Added to the variance of every input, as a share of their mean variance. Defaults to 1e-6. */
  readonly ridge?: number;
  /** Fits a bias too, which no ridge holds back. Defaults to true. */
  readonly bias?: boolean;
  /** What the branch's output is multiplied by before it is added. Defaults to 1. */
  readonly scale?: number;
}

export interface PointwiseFit {
  /** To be added to the branch's weight, `[M, C, 1, 1]`. */
  readonly weight: Tensor<"float32">;
  /** To be added to its bias, `[M]`; null when none was asked for. */
  readonly bias: Tensor<"float32"> | null;
  /**
   * Share of the target's variance about its mean that the branch takes over, 0 to 1, on the data fitted;
   * without a bias, of its mean square. 1 when there is nothing to take over.
   */
  readonly explained: number;
  /** The same of each output channel, `[M]`; NaN where there is nothing to take over. */
  readonly explainedByChannel: readonly number[];
  /**
   * How the normal equations were solved: by Cholesky, or, where the inputs depend on each other and no
   * ridge tells them apart, by the pseudo-inverse, whose weights are the smallest of all that fit.
   */
  readonly solver: "cholesky" | "pseudo-inverse";
}

/**
 * The 1x1 convolution that comes closest, in least squares, to what a layer loses: the change W, b that
 * minimises `Σ |t - scale * (W x + b)|² + ridge`, for x that the branch reads and t that the dropped weights
 * contributed (see `offDiagonal`).
 *
 *     centred: Sxx = Σ xxᵀ - n x̄x̄ᵀ, Stx = Σ txᵀ - n t̄x̄ᵀ;  W = Stx (Sxx + λI)⁻¹,  b = t̄ - W x̄
 *
 * @throws UsageError if there are no data, they are not finite, or an option is out of range.
 */
export async function fitPointwise(
  sums: PointwiseSums,
  options: FitPointwiseOptions = {},
): Promise<PointwiseFit> {
  const { ridge = 1e-6, bias: hasBias = true, scale = 1 } = options;
  check(sums, ridge, scale);
  const { inChannels, outChannels, count } = sums;
  const algebra = await loadAlgebra();
  const meanX = sums.x.map((total) => (hasBias ? total / count : 0));
  const meanT = sums.t.map((total) => (hasBias ? total / count : 0));
  const sxx = centred(algebra, sums.xx, meanX, meanX, count);
  const covariance = algebra.Matrix.add(sxx, sxx.transpose()).mul(0.5); // sums from a graph are symmetric to rounding
  const cross = centred(algebra, sums.tx, meanT, meanX, count); // [M, C]
  const { solution, solver } = solve(algebra, covariance, cross, ridge);

  const weight = new Float32Array(outChannels * inChannels);
  const bias = new Float32Array(outChannels);
  const explainedByChannel: number[] = [];
  let [total, rest] = [0, 0];
  for (let m = 0; m < outChannels; m++) {
    const row = solution.getRow(m);
    const whole = sums.tt[m] - count * meanT[m] * meanT[m];
    total += whole;
    const left = whole - 2 * dot(row, cross.getRow(m)) + quadratic(covariance, row);
    rest += left;
    explainedByChannel.push(whole > 0 ? shareTaken(left, whole) : Number.NaN);
    weight.set(
      row.map((w) => w / scale),
      m * inChannels,
    );
    bias[m] = (meanT[m] - dot(row, meanX)) / scale;
  }
  return {
    weight: new Tensor("float32", [outChannels, inChannels, 1, 1], weight),
    bias: hasBias ? new Tensor("float32", [outChannels], bias) : null,
    explained: total > 0 ? shareTaken(rest, total) : 1,
    explainedByChannel,
    solver,
  };
}

function shareTaken(left: number, whole: number): number {
  return Math.min(1, Math.max(0, 1 - left / whole));
}

function check(sums: PointwiseSums, ridge: number, scale: number): void {
  if (!(ridge >= 0 && Number.isFinite(ridge)))
    throw new UsageError(`fitPointwise: ridge=${ridge} must be a number of at least 0`);
  if (scale === 0 || !Number.isFinite(scale))
    throw new UsageError(`fitPointwise: scale=${scale} must be a number other than 0`);
  if (!(sums.count > 0)) throw new UsageError("fitPointwise: count=0 must be at least 1 sample");
  for (const name of ["xx", "tx", "tt"] as const)
    if (!sums[name].every(Number.isFinite))
      throw new UsageError(`fitPointwise: the sums ${name} must be finite, and are not`);
}

/** `sums - count * mean meanᵀ`, as a matrix of a row for each of the first mean. */
function centred(
  { Matrix }: LinearAlgebra,
  sums: Float64Array,
  rowMean: Float64Array,
  colMean: Float64Array,
  count: number,
): Matrix {
  const result = Matrix.from1DArray(rowMean.length, colMean.length, sums);
  for (const [i, a] of rowMean.entries())
    for (const [j, b] of colMean.entries()) result.set(i, j, result.get(i, j) - count * a * b);
  return result;
}

/** `cross * (covariance + ridge)⁻¹`. */
function solve(
  { CholeskyDecomposition, EigenvalueDecomposition, Matrix }: LinearAlgebra,
  covariance: Matrix,
  cross: Matrix,
  ridge: number,
): { solution: Matrix; solver: PointwiseFit["solver"] } {
  const size = covariance.rows;
  const diagonal = covariance.diagonal();
  const added = (ridge * diagonal.reduce((a, b) => a + b, 0)) / size;
  const held = Matrix.add(covariance, Matrix.identity(size).mul(added));
  const cholesky = new CholeskyDecomposition(held);
  const pivots = cholesky.lowerTriangularMatrix.diagonal().map((root) => root * root);
  const isSound = pivots.every((pivot, i) => pivot > LEAST_VARIANCE * held.get(i, i));
  if (cholesky.isPositiveDefinite() && isSound)
    return { solution: cholesky.solve(cross.transpose()).transpose(), solver: "cholesky" };

  const eigen = new EigenvalueDecomposition(held, { assumeSymmetric: true });
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = eigen;
  const least = LEAST_VARIANCE * Math.max(...values);
  const inverse = values.map((value) => (value > least ? 1 / value : 0));
  const solution = cross.mmul(vectors).mulRowVector(inverse).mmul(vectors.transpose());
  return { solution, solver: "pseudo-inverse" };
}

function quadratic(matrix: Matrix, vector: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < vector.length; i++) total += vector[i] * dot(matrix.getRow(i), vector);
  return total;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
