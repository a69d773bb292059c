import { checkGroups } from "../groups/index.js";
import { type NumericDType, type Tensor, zeros } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";
import { product } from "../util/math.js";

/*
 * A convolution's weight with G groups is `[M, C/G, ...k]`: row m holds the kernels of the C/G channels of
 * its own group. With other groups the same row holds another range of channels. All here moves kernels
 * and computes nothing, so momentum and Adam's moments, which have the weight's shape, go the same way.
 * For ConvTranspose, `[C, M/G, ...k]`, read C for M and M for C.
 */

/**
 * The weight of a convolution that is given other groups: `[M, C/from, ...k]` -> `[M, C/to, ...k]`. Kernels
 * that both have are kept, those only the new one has are zero.
 *
 * @throws ShapeError if the groups do not divide the channels.
 */
export function regroup<D extends NumericDType>(
  weight: Tensor<D>,
  from: number,
  to: number,
): Tensor<D> {
  const sizes = sizesOf("regroup", weight, from, to);
  const { rows, cols, kernel } = sizes;
  const width = cols / to;
  const result = zeros([rows, width, ...weight.shape.slice(2)], weight.dtype);
  for (let row = 0; row < rows; row++) {
    const { start, end } = sharedColumns(sizes, row);
    const source = (row * (cols / from) + start - firstColumn(sizes, row, from)) * kernel;
    const target = (row * width + start - firstColumn(sizes, row, to)) * kernel;
    numbers(result).set(numbers(weight).subarray(source, source + (end - start) * kernel), target);
  }
  return result;
}

/** The same convolution written densely: `[M, C/G, ...k]` -> `[M, C, ...k]`, zero between groups. Exact. */
export function ungroup<D extends NumericDType>(weight: Tensor<D>, groups: number): Tensor<D> {
  return regroup(weight, groups, 1);
}

/** What a dense weight keeps when it is cut into groups: `[M, C, ...k]` -> `[M, C/G, ...k]`. */
export function blockDiagonal<D extends NumericDType>(dense: Tensor<D>, groups: number): Tensor<D> {
  return regroup(dense, 1, groups);
}

/**
 * What `regroup(weight, from, to)` leaves behind: the weight, in its own shape, with zeros where a kernel
 * is kept. A convolution with it, in `from` groups, is what the new groups no longer contribute.
 *
 * @param from Groups of the weight. Defaults to 1.
 * @throws ShapeError if the groups do not divide the channels.
 */
export function offDiagonal<D extends NumericDType>(
  weight: Tensor<D>,
  to: number,
  from = 1,
): Tensor<D> {
  const sizes = sizesOf("offDiagonal", weight, from, to);
  const { rows, cols, kernel } = sizes;
  const result = zeros(weight.shape, weight.dtype);
  numbers(result).set(numbers(weight));
  for (let row = 0; row < rows; row++) {
    const { start, end } = sharedColumns(sizes, row);
    const first = (row * (cols / from) - firstColumn(sizes, row, from)) * kernel;
    numbers(result).fill(0, first + start * kernel, first + end * kernel);
  }
  return result;
}

interface Sizes {
  readonly rows: number;
  /** Columns of the dense weight. */
  readonly cols: number;
  /** Elements of one kernel. */
  readonly kernel: number;
  readonly from: number;
  readonly to: number;
}

function sizesOf(operation: string, weight: Tensor, from: number, to: number): Sizes {
  const [rows, width, ...kernel] = checkWeight(operation, weight);
  const cols = width * from;
  checkGroups(operation, from, cols, rows);
  checkGroups(operation, to, cols, rows);
  return { rows, cols, kernel: product(kernel), from, to };
}

/** @throws ShapeError unless the tensor can be a convolution's weight. */
export function checkWeight(operation: string, weight: Tensor): readonly number[] {
  if (weight.shape.length < 2)
    throw new ShapeError(`${operation}: weight=[${weight.shape}] must be [M, C/G, ...kernel]`);
  checkUnpacked(operation, weight);
  return weight.shape;
}

/** @throws ShapeError for types of which several elements, or half of one, share a place in memory. */
export function checkUnpacked(operation: string, { dtype, data, size }: Tensor): void {
  if (data.length !== size)
    throw new ShapeError(`${operation}: elements of type ${dtype} do not stand one by one`);
}

/** Columns that a row has a kernel for, with the old groups and with the new. */
function sharedColumns(sizes: Sizes, row: number): { start: number; end: number } {
  const { cols, from, to } = sizes;
  const [old, young] = [firstColumn(sizes, row, from), firstColumn(sizes, row, to)];
  const start = Math.max(old, young);
  return { start, end: Math.max(start, Math.min(old + cols / from, young + cols / to)) };
}

function firstColumn({ rows, cols }: Sizes, row: number, groups: number): number {
  return Math.floor((row * groups) / rows) * (cols / groups);
}

/** Any typed array moves its elements the same way; one type keeps TypeScript from asking which. */
function numbers(tensor: Tensor): Float32Array {
  return tensor.data as Float32Array;
}
