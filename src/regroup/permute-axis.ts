import { type NumericDType, type Tensor, zeros } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { product } from "../util/math.js";
import { checkUnpacked } from "./regroup.js";

/**
 * The tensor with one axis in another order: place i has what stood at place `order[i]`.
 *
 * @throws ShapeError if there is no such axis.
 * @throws UsageError if the order does not name each place once.
 */
export function permuteAxis<D extends NumericDType>(
  tensor: Tensor<D>,
  axis: number,
  order: readonly number[],
): Tensor<D> {
  const { shape } = tensor;
  if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length)
    throw new ShapeError(`permuteAxis: axis=${axis} must be an axis of [${shape}]`);
  checkUnpacked("permuteAxis", tensor);
  checkOrder("permuteAxis", order, shape[axis]);
  const inner = product(shape.slice(axis + 1));
  const outer = product(shape.slice(0, axis));
  const result = zeros(shape, tensor.dtype);
  const [source, target] = [tensor.data as Float32Array, result.data as Float32Array];
  for (let block = 0, at = 0; block < outer; block++) {
    const first = block * order.length;
    for (const place of order) {
      const start = (first + place) * inner;
      target.set(source.subarray(start, start + inner), at);
      at += inner;
    }
  }
  return result;
}

/** @throws UsageError if the order does not name each of `size` places once. */
export function checkOrder(operation: string, order: readonly number[], size: number): void {
  const isNew = Array<boolean>(size).fill(true);
  for (const place of order) {
    if (!isNew[place])
      throw new UsageError(
        `${operation}: order must name each of ${size} places once; ${place} is out of range or named twice`,
      );
    isNew[place] = false;
  }
  if (order.length !== size)
    throw new UsageError(`${operation}: order.length=${order.length} must be ${size}`);
}
