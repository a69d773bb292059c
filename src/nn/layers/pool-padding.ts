import { UsageError } from "../../util/errors.js";

/** @throws UsageError if a window could lie in the padding entirely. */
export function checkPoolPadding(
  operation: string,
  padding: readonly number[],
  kernel: readonly number[],
): void {
  for (const [axis, added] of padding.entries())
    if (2 * added > kernel[axis])
      throw new UsageError(
        `${operation}: padding=${added} must be at most half of kernel=${kernel[axis]}`,
      );
}
