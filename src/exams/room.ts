import type { Model } from "../graph/index.js";
import { UsageError } from "../util/errors.js";
import { weightBytesOf } from "./weight-bytes.js";

const MIB = 2 ** 20;
/** What a second session, its threads and JavaScript's garbage take beside a model that runs; see bench/exam/memory. */
const OWN_BYTES = 140 * MIB;
/** What the runtime's arenas take for each byte that is asked of them. */
const ROUNDING = 1.2;
/** An exam with less has nothing to work with. */
const LEAST_ROOM_BYTES = 16 * MIB;

/**
 * How much of a limit to what the process may take above running the model is left for what an exam keeps, in bytes:
 * `memoryBytes` of `examine`. The rest is for the model's weights once more, which a changed network has beside the
 * original, and for the runtime.
 *
 * @throws UsageError when the limit leaves too little.
 */
export function roomWithin(limitBytes: number, model: Model): number {
  const weightBytes = weightBytesOf(model);
  const room = Math.floor((limitBytes - OWN_BYTES - weightBytes) / ROUNDING);
  if (room >= LEAST_ROOM_BYTES) return room;
  const least = OWN_BYTES + weightBytes + ROUNDING * LEAST_ROOM_BYTES;
  throw new UsageError(
    `memory=${mebibytes(limitBytes)} must be at least ${mebibytes(least)}: the weights once more take ${mebibytes(weightBytes)}, the runtime ${mebibytes(OWN_BYTES)}, and an exam needs ${mebibytes(ROUNDING * LEAST_ROOM_BYTES)}`,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MIB)}MiB`;
}
