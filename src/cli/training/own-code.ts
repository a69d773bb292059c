import type { Augmentation, Batch, Dataset } from "../../train/index.js";
import { GroupconvError, UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";

/** Runs code of the caller's; what it throws is not a fault of ours, and the error says so. */
export async function ownCode<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw ownError(what, cause);
  }
}

/** A data set whose batches are made by code of the caller's. */
export function ownDataset(what: string, dataset: Dataset): Dataset {
  return {
    size: dataset.size,
    example: dataset.example,
    batch: (indices): Promise<Batch> => ownCode(`${what}.batch`, () => dataset.batch(indices)),
  };
}

/** An augmentation that is code of the caller's. */
export function ownAugmentation(augment: Augmentation): Augmentation {
  const guarded: Augmentation = (batch, rng) => {
    try {
      return augment(batch, rng);
    } catch (cause) {
      throw ownError("augment", cause);
    }
  };
  return Object.assign(guarded, { recipe: augment.recipe ?? augment.name });
}

function ownError(what: string, cause: unknown): unknown {
  if (cause instanceof GroupconvError) return cause;
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new UsageError(`${what} threw ${printable(reason)}`, { cause });
}
