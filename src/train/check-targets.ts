import { ShapeError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { Batch, ExampleSpec } from "./data/index.js";
import type { TensorSpec } from "./losses/index.js";

/**
 * Refuses a data set whose targets are not what the losses take, before the first step.
 *
 * @param wanted With the batch as first axis.
 */
export function checkExample(
  { targets }: ExampleSpec,
  wanted: ReadonlyMap<string, TensorSpec>,
): void {
  for (const [output, { dtype, shape }] of wanted) {
    const given = targets[output];
    const [, ...perExample] = shape;
    if (!given)
      throw new UsageError(`fit: the data set has no targets for output "${printable(output)}"`, {
        help: `It has targets for ${Object.keys(targets).join(", ") || "none"}.`,
      });
    if (given.dtype !== dtype || String(given.shape) !== String(perExample))
      throw new ShapeError(
        `fit: targets of output "${printable(output)}" are ${given.dtype} [${given.shape}] an example; the loss takes ${dtype} [${perExample}]`,
      );
  }
}

/** Refuses class numbers that the network has no output for. They would count as no class at all. */
export function checkClasses({ targets }: Batch, wanted: ReadonlyMap<string, TensorSpec>): void {
  for (const [output, { classes }] of wanted) {
    if (classes === undefined) continue;
    for (const label of targets[output].data as BigInt64Array)
      if (label < 0n || label >= classes)
        throw new UsageError(
          `fit: class=${label} in the targets of output "${printable(output)}" must be from 0 to ${classes - 1}`,
        );
  }
}
