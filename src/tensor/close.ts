import { ShapeError, UsageError } from "../util/errors.js";
import { toFloat64 } from "./convert.js";
import { sameShape } from "./shape.js";
import { Tensor } from "./tensor.js";

/** What can be compared: tensors of any real type, or lists of numbers, which take the other's shape. */
export type Numbers = Tensor | ArrayLike<number>;

export interface Tolerance {
  /** Part of |expected| that a value may be off by. Defaults to 0. */
  rtol?: number;
  /** How far a value may be off whatever its size, in units of the data. Defaults to 0. */
  atol?: number;
  /** Whether NaN may stand where NaN is expected. Defaults to false: NaN equals nothing. */
  equalNaN?: boolean;
}

/** One element out of tolerance. */
export interface Mismatch {
  /** A number an axis; for lists, the position. */
  readonly index: readonly number[];
  readonly actual: number;
  readonly expected: number;
  /** |actual - expected|; Infinity if a NaN or an infinity on one side has no equal on the other. */
  readonly difference: number;
}

export interface Comparison {
  readonly close: boolean;
  /** How many elements are out of tolerance. */
  readonly mismatches: number;
  /** The first of them. */
  readonly first: Mismatch | undefined;
  /** The one of them with the largest difference. */
  readonly worst: Mismatch | undefined;
  /** The largest difference of all elements, in or out of tolerance; 0 for none. */
  readonly maxDifference: number;
  /** One sentence for a person. */
  readonly message: string;
}

/**
 * Compares element by element; close is `|actual - expected| <= atol + rtol * |expected|`, so without
 * tolerances exact. Equal infinities are close, -0 equals 0, NaN is close to nothing unless `equalNaN`.
 *
 * @throws ShapeError if the shapes (for lists, lengths) differ.
 */
export function compare(actual: Numbers, expected: Numbers, options: Tolerance = {}): Comparison {
  const { rtol = 0, atol = 0, equalNaN = false } = options;
  if (!(rtol >= 0 && atol >= 0))
    throw new UsageError(`compare: rtol=${rtol} and atol=${atol} must be zero or more`);
  const shape = commonShape(actual, expected);
  const a = elementsOf(actual);
  const b = elementsOf(expected);

  let mismatches = 0;
  let first: Mismatch | undefined;
  let worst: Mismatch | undefined;
  let maxDifference = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = distance(a[i], b[i], equalNaN);
    maxDifference = Math.max(maxDifference, difference);
    const wanted = Number(b[i]);
    if (difference === 0) continue;
    if (difference < Number.POSITIVE_INFINITY && difference <= atol + rtol * Math.abs(wanted))
      continue;
    mismatches++;
    if (worst !== undefined && difference <= worst.difference) continue;
    worst = { index: unravel(i, shape), actual: Number(a[i]), expected: wanted, difference };
    first ??= worst;
  }
  const found = { close: mismatches === 0, mismatches, first, worst, maxDifference };
  return { ...found, message: describe(found, a.length, `rtol=${rtol}, atol=${atol}`) };
}

/** Whether all elements are close. See `compare` for the rule, and for a sentence that says why not. */
export function allClose(actual: Numbers, expected: Numbers, options?: Tolerance): boolean {
  return compare(actual, expected, options).close;
}

/** The largest |actual - expected|; as `compare(...).maxDifference`. */
export function maxDifference(
  actual: Numbers,
  expected: Numbers,
  options?: Pick<Tolerance, "equalNaN">,
): number {
  return compare(actual, expected, options).maxDifference;
}

type Elements = ArrayLike<number> | BigInt64Array | BigUint64Array;

/** 64-bit whole numbers stay as they are, so that a difference of 1 is seen at any size. */
function elementsOf(numbers: Numbers): Elements {
  if (!(numbers instanceof Tensor)) return numbers;
  const { data, dtype, bytes, size } = numbers;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return data;
  return toFloat64(dtype, bytes, size);
}

function distance(a: number | bigint, b: number | bigint, equalNaN: boolean): number {
  if (a === b) return 0;
  if (typeof a === "bigint" && typeof b === "bigint") return Math.abs(Number(a - b));
  const difference = Math.abs(Number(a) - Number(b));
  if (!Number.isNaN(difference)) return difference;
  return equalNaN && Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
}

function commonShape(actual: Numbers, expected: Numbers): readonly number[] {
  const [a, b] = [shapeOf(actual), shapeOf(expected)];
  if (a && b && !sameShape(a, b))
    throw new ShapeError(`compare: shape [${a}] must be the expected shape [${b}]`);
  const [m, n] = [lengthOf(actual), lengthOf(expected)];
  if (m !== n) throw new ShapeError(`compare: length=${m} must be the expected length=${n}`);
  return a ?? b ?? [m];
}

function shapeOf(numbers: Numbers): readonly number[] | undefined {
  return numbers instanceof Tensor ? numbers.shape : undefined;
}

function lengthOf(numbers: Numbers): number {
  return numbers instanceof Tensor ? numbers.size : numbers.length;
}

/** Position in row-major order -> one index an axis. */
function unravel(position: number, shape: readonly number[]): number[] {
  let rest = position;
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size;
      rest = (rest - index) / size;
      return index;
    })
    .reverse();
}

function describe(found: Omit<Comparison, "message">, total: number, tolerance: string): string {
  const { first, worst, mismatches, maxDifference } = found;
  if (!first || !worst)
    return `all ${total} values agree within ${tolerance}; largest difference ${maxDifference}`;
  const also = worst === first ? "" : `; worst ${show(worst)}`;
  return `${mismatches} of ${total} values differ by more than ${tolerance}: first ${show(first)}${also}`;
}

function show({ index, actual, expected, difference }: Mismatch): string {
  return `at [${index.join(", ")}], ${actual} where ${expected} is expected (difference ${difference})`;
}
