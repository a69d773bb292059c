import { dtypeInfo, type NumericDType } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { product, sum } from "../util/math.js";
import { printable } from "../util/text.js";
import { mebibytes } from "./mebibytes.js";

/** What exams and their data may take where nobody says. */
export const DEFAULT_MEMORY_BYTES = 2 ** 30;

/** One input's part of a batch. */
interface Part {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** @throws UsageError when one batch alone takes more than all that there is for the exams. */
export function checkBatchMemory(parts: readonly Part[], memoryBytes = DEFAULT_MEMORY_BYTES): void {
  const bytes = sum(
    parts.map(({ dtype, shape }) => (product(shape) * dtypeInfo(dtype as NumericDType).bits) / 8),
  );
  if (bytes <= memoryBytes) return;
  const words = parts.map(({ name, dtype, shape }) => `${printable(name, 60)} [${shape}] ${dtype}`);
  throw new UsageError(
    `data: a batch of ${words.join(", ")} takes ${mebibytes(bytes)}, which must be at most memory=${mebibytes(memoryBytes)}`,
    { help: "Take smaller batches or smaller samples, or allow more memory." },
  );
}
