/** Rotations of one eigenvalue take two or three sweeps; more than this, and the numbers are not finite. */
const MOST_SWEEPS = 60;

/**
 * The eigenvalues of a symmetric matrix, in no order. Libraries in JavaScript give them with vectors or as singular
 * values, which takes several times as long; look wants them alone, of many matrices.
 *
 * Householder's reduction to three diagonals and QL steps with implicit shifts (Golub and Van Loan 2013, Matrix
 * Computations, 8.3.1 and 8.3.3; Wilkinson and Reinsch 1971, II/2 and II/4).
 *
 * @param matrix `[n, n]`, row by row; only what is on the diagonal or under it is read, and it is written over.
 * @throws Error where numbers are not finite.
 */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  const { diagonal, beside } = tridiagonalise(matrix, n);
  for (let start = 0; start < n; start++) {
    let sweeps = 0;
    for (let end = splitFrom(diagonal, beside, start); end > start; ) {
      if (sweeps++ === MOST_SWEEPS) throw new Error("eigenvalues of numbers that are not finite");
      sweep(diagonal, beside, start, end);
      end = splitFrom(diagonal, beside, start);
    }
  }
  return diagonal;
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** `[n]`: between row i and the next one; the last is 0. */
  readonly beside: Float64Array;
}

/** Of the same eigenvalues: one reflection a column clears what is more than one under the diagonal. */
function tridiagonalise(a: Float64Array, n: number): Tridiagonal {
  const [diagonal, beside] = [new Float64Array(n), new Float64Array(n)];
  const [v, w] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    diagonal[k] = a[k * n + k];
    if (k === n - 1) break;
    const first = a[(k + 1) * n + k];
    let rest = 0;
    for (let i = k + 2; i < n; i++) rest += a[i * n + k] ** 2;
    if (rest === 0) {
      beside[k] = first;
      continue;
    }
    const length = Math.sqrt(first * first + rest);
    const left = first > 0 ? -length : length; // no digits cancel in what follows
    beside[k] = left;
    v[k + 1] = 1;
    for (let i = k + 2; i < n; i++) v[i] = a[i * n + k] / (first - left);
    reflect(a, n, k + 1, (left - first) / left, v, w);
  }
  return { diagonal, beside };
}

/** `A <- H A H` for `H = I - factor v v'`, on the rows and columns from `from` on. @param w Is written over. */
function reflect(
  a: Float64Array,
  n: number,
  from: number,
  factor: number,
  v: Float64Array,
  w: Float64Array,
): void {
  w.fill(0, from);
  for (let i = from; i < n; i++) {
    const [row, own] = [i * n, v[i]];
    let dot = 0;
    for (let j = from; j < i; j++) {
      dot += a[row + j] * v[j];
      w[j] += a[row + j] * own;
    }
    w[i] += dot + a[row + i] * own;
  }
  let along = 0;
  for (let i = from; i < n; i++) {
    w[i] *= factor;
    along += w[i] * v[i];
  }
  for (let i = from; i < n; i++) w[i] -= (factor / 2) * along * v[i];
  for (let i = from; i < n; i++) {
    const [row, vi, wi] = [i * n, v[i], w[i]];
    for (let j = from; j <= i; j++) a[row + j] -= vi * w[j] + wi * v[j];
  }
}

/** The last row of the part that hangs together from `start` on. */
function splitFrom(diagonal: Float64Array, beside: Float64Array, start: number): number {
  let end = start;
  for (; end < diagonal.length - 1; end++) {
    const scale = Math.abs(diagonal[end]) + Math.abs(diagonal[end + 1]);
    if (Math.abs(beside[end]) <= Number.EPSILON * scale) break;
  }
  return end;
}

/** A QL step from the end of a part to its start, with Wilkinson's shift. */
function sweep(diagonal: Float64Array, beside: Float64Array, start: number, end: number): void {
  const half = (diagonal[start + 1] - diagonal[start]) / 2;
  const next = beside[start];
  const root = Math.sqrt(half * half + next * next);
  const shift = diagonal[start] - (next * next) / (half + (half < 0 ? -root : root));
  let [cosine, sine, moved] = [1, 1, 0];
  let bulge = diagonal[end] - shift;
  for (let i = end - 1; i >= start; i--) {
    const out = sine * beside[i];
    const kept = cosine * beside[i];
    const length = Math.sqrt(out * out + bulge * bulge);
    beside[i + 1] = length;
    if (length === 0) {
      // It came apart by itself.
      diagonal[i + 1] -= moved;
      beside[end] = 0;
      return;
    }
    sine = out / length;
    cosine = bulge / length;
    const base = diagonal[i + 1] - moved;
    const turn = (diagonal[i] - base) * sine + 2 * cosine * kept;
    moved = sine * turn;
    diagonal[i + 1] = base + moved;
    bulge = cosine * turn - kept;
  }
  diagonal[start] -= moved;
  beside[start] = bulge;
  beside[end] = 0;
}
