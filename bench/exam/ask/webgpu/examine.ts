import { toFloat64 } from "../../../../src/tensor/index.js";
import type { Outcome } from "./builds.js";
import type { Patient } from "./layer.js";
import type { LayerPage } from "./page.js";

/** What a build made of a layer. */
export interface Result {
  readonly outcome: Outcome;
  /** The largest difference from the processor, over the largest output; null where it refused. */
  readonly error: number | null;
  /** The runtime's words where it refused. */
  readonly reason: string | null;
}

/** Sums in another order differ by far less, another channel's by far more. */
const TOLERANCES = { float32: 1e-4, float16: 1e-2 } as const;

export async function examine(page: LayerPage, patient: Patient): Promise<Result> {
  let given: Uint8Array;
  try {
    given = await page.run(patient);
  } catch (error) {
    return { outcome: "refused", error: null, reason: (error as Error).message.split("\n")[0] };
  }
  const { expected } = patient;
  const dtype = expected.dtype as keyof typeof TOLERANCES;
  const error = relativeError(toFloat64(dtype, given), toFloat64(dtype, expected.bytes));
  return { outcome: error <= TOLERANCES[dtype] ? "right" : "wrong", error, reason: null };
}

/** NaN is the largest of errors, and so is another size. */
function relativeError(given: Float64Array, expected: Float64Array): number {
  if (given.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, 0];
  for (const [i, value] of expected.entries()) {
    const one = Math.abs(given[i] - value);
    if (!(one <= difference)) difference = Number.isNaN(one) ? Number.POSITIVE_INFINITY : one;
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}
