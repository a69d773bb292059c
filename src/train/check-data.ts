import { sameShape, type Tensor } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { Batch, Dataset, ExampleSpec } from "./data/index.js";
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

/**
 * Refuses a batch that is not what its data set announced: targets of fewer examples would be broadcast, and
 * class numbers that the network has no output for would count as no class at all.
 *
 * @param count Examples that were asked for.
 * @param wanted With the batch as first axis, of any size.
 */
export function checkBatch(
  batch: Batch,
  count: number,
  { input }: ExampleSpec,
  wanted: ReadonlyMap<string, TensorSpec>,
): void {
  checkTensor("input", batch.input, { dtype: "float32", shape: [count, ...input] });
  for (const [output, { dtype, shape, classes }] of wanted) {
    const target = batch.targets[output];
    checkTensor(`targets of output "${printable(output)}"`, target, {
      dtype,
      shape: [count, ...shape.slice(1)],
    });
    if (classes === undefined) continue;
    for (const label of target.data as BigInt64Array)
      if (label < 0n || label >= classes)
        throw new UsageError(
          `fit: class=${label} in the targets of output "${printable(output)}" must be from 0 to ${classes - 1}`,
        );
  }
}

function checkTensor(what: string, given: Tensor | undefined, { dtype, shape }: TensorSpec): void {
  if (given && given.dtype === dtype && sameShape(given.shape, shape)) return;
  const found = given ? `${given.dtype} [${given.shape}]` : "missing";
  throw new ShapeError(`fit: the ${what} of a batch is ${found}; it must be ${dtype} [${shape}]`);
}

/** @throws UsageError for a data set of no examples, or of a number that is no count. */
export function checkSize(what: string, { size }: Dataset): void {
  if (!(Number.isSafeInteger(size) && size >= 1))
    throw new UsageError(`fit: size=${size} of the ${what} must be a whole number of at least 1`);
}
