import type { Model } from "../graph/index.js";
import { UsageError } from "../util/errors.js";
import { product, sum } from "../util/math.js";
import type { ExamData } from "./exam-data.js";
import { mebibytes } from "./mebibytes.js";
import { weightBytesOf } from "./weight-bytes.js";

const MIB = 2 ** 20;
/** What a second session, its threads and JavaScript's garbage take beside a model that runs; see bench/exam/memory. */
const OWN_BYTES = 140 * MIB;
/** What the runtime's arenas take for each byte that is asked of them. */
const ROUNDING = 1.2;
/** Times a batch, as float32, that are about while the next one is made: its parts, and one that is garbage by then. */
const BATCHES = 2;
/** The share that decoded pictures may take; more of them are decoded for every batch anew. */
const KEPT_PICTURES = 1 / 8;
/** An exam with less has nothing to work with. */
const LEAST_ROOM_BYTES = 16 * MIB;

/**
 * How much of a limit to what the process may take above running the model is left for what an exam keeps, in bytes:
 * `memoryBytes` of `examine`. The rest is for the model's weights once more, which a changed network has beside the
 * original, for the data, and for the runtime.
 *
 * @param data Left out before they are read.
 * @throws UsageError when the limit leaves too little.
 */
export function roomWithin(
  limitBytes: number,
  model: Model,
  data: Pick<ExamData, "heldBytes" | "inputShapes"> = { heldBytes: 0, inputShapes: {} },
): number {
  const weightBytes = weightBytesOf(model);
  const dataBytes =
    data.heldBytes + BATCHES * 4 * sum(Object.values(data.inputShapes).map(product));
  const taken = OWN_BYTES + weightBytes + dataBytes;
  const room = Math.floor((limitBytes - taken) / ROUNDING);
  if (room >= LEAST_ROOM_BYTES) return room;
  const least = ROUNDING * LEAST_ROOM_BYTES;
  throw new UsageError(
    `memory=${mebibytes(limitBytes)} must be at least ${mebibytes(taken + least)}: the weights once more take ${mebibytes(weightBytes)}, ${dataBytes > 0 ? `the data ${mebibytes(dataBytes)}, ` : ""}the runtime ${mebibytes(OWN_BYTES)}, and an exam needs ${mebibytes(least)}`,
    { help: limitBytes < MIB ? "A number without a unit is one of bytes." : undefined },
  );
}

/** How much of such a limit decoded pictures may take: `keepBytes` of `readExamData`. */
export function keptWithin(limitBytes: number): number {
  return Math.floor(limitBytes * KEPT_PICTURES);
}
