import { ShapeError } from "../util/errors.js";

/** Whether this is a list of sizes, each a whole number of zero or more, whose product stays exact (below 2^53). */
export function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isSize) && Number.isSafeInteger(count(value));
}

/**
 * How many elements a tensor of this shape has; 1 for a scalar, `[]`.
 *
 * @throws ShapeError if a size is not a whole number of zero or more, or the product passes 2^53.
 */
export function elementCount(shape: readonly number[]): number {
  if (!isShape(shape))
    throw new ShapeError(
      `elementCount: shape=[${shape}] must hold whole numbers, zero or more, with a product below 2^53`,
    );
  return count(shape);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Row-major strides in elements: `[2, 3, 4]` -> `[12, 4, 1]`. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An empty axis empties the tensor, however large the others claim to be. */
function count(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}
