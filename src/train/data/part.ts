import { Rng } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { range } from "../../util/math.js";
import type { Dataset } from "./dataset.js";

/** The examples of these numbers, as a data set of their own. */
export function part(dataset: Dataset, indices: readonly number[]): Dataset {
  for (const index of indices)
    if (!(Number.isInteger(index) && index >= 0 && index < dataset.size))
      throw new UsageError(`part: index=${index} must be from 0 to ${dataset.size - 1}`);
  return {
    size: indices.length,
    example: dataset.example,
    batch: (numbers) => dataset.batch(numbers.map((i) => indices[i])),
  };
}

/**
 * Two parts without a common example, drawn at random: one with `share` of all, and the rest.
 *
 * @throws UsageError unless both get at least one example.
 */
export function split(dataset: Dataset, share: number, seed = 0): [Dataset, Dataset] {
  const count = Math.round(dataset.size * share);
  if (!(count >= 1 && count < dataset.size))
    throw new UsageError(
      `split: share=${share} of ${dataset.size} examples must leave at least one on each side`,
    );
  const order = new Rng(seed).shuffle(range(dataset.size));
  return [part(dataset, order.slice(0, count)), part(dataset, order.slice(count))];
}
