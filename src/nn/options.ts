import { UsageError } from "../util/errors.js";
import { pair } from "../util/math.js";

/** Height and width; one number means both. */
export type Size2 = number | readonly [number, number];

/** @throws UsageError unless `value` is a whole number of at least `least`. */
export function checkWhole(operation: string, name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(
      `${operation}: ${name}=${value} must be a whole number of at least ${least}`,
    );
}

/** Height and width. @throws UsageError unless both are whole numbers of at least `least`. */
export function wholePair(
  operation: string,
  name: string,
  value: Size2,
  least: number,
): [number, number] {
  const sizes = pair(value);
  for (const size of sizes) checkWhole(operation, name, size, least);
  return sizes;
}
