import type { Convolution, Survey } from "../../analysis/index.js";
import { isChannelsLast } from "../../ops/index.js";
import { product } from "../../util/math.js";
import { batchSizeOf, type DataSummary } from "../exam-data.js";
import { batchesHeld } from "./collector.js";
import { isWhole, type SampledGrid } from "./expose-grid.js";
import { gridOf } from "./grid.js";
import type { Subject } from "./measure.js";
import { isPerPosition } from "./per-position.js";
import type { LookSection } from "./section.js";
import { LEAST_SHIFTED_POSITIONS } from "./statistics.js";
import { storedTensor } from "./stored-tensor.js";
import { findTaps, type Taps } from "./taps.js";

/** Of what is collected, while it is multiplied: joined, in order, centred, and one block beside the other. */
const COPIES = 5;

/** What follows from that, and what the runtime holds while it computes it. */
const FOLLOWING_COPIES = 4;

/** See `LookOptions`. */
interface SubjectOptions {
  readonly maxObservations: number;
  readonly rankChannels: number;
}

/** The convolutions that can be looked at on these data, and why the others cannot. */
export function findSubjects(
  survey: Survey,
  data: DataSummary,
  { maxObservations, rankChannels }: SubjectOptions,
): { subjects: Subject[]; skipped: LookSection["skipped"] } {
  const { model, convolutions } = survey;
  const taps = findTaps(model, convolutions);
  const subjects: Subject[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const convolution of convolutions) {
    const reason = reasonAgainst(convolution, survey, data.samples);
    if (reason !== null) skipped.push({ name: convolution.name, reason });
    else {
      const shape = convolution.outShape!;
      const grid = gridFor(shape, data, maxObservations);
      subjects.push({
        convolution,
        taps: taps.get(convolution)!,
        shape,
        grid,
        isHalved: convolution.outChannels <= rankChannels, // the halves have a rank each
        // The network computes it, too: what is read whole would be computed twice.
        followsOutput: !isWhole(grid) && followsOutput(convolution, taps.get(convolution)!),
      });
    }
  }
  return { subjects, skipped };
}

function followsOutput({ weight, outShape }: Convolution, { after, way, output }: Taps): boolean {
  // Of other types, and of integers, float32 is read, which is not what stands in the network.
  const isFloat32 = storedTensor(weight)?.dtype === "float32";
  return after !== null && isFloat32 && isPerPosition(way, output, outShape!);
}

function gridFor(
  [rows, , ...size]: readonly number[],
  data: DataSummary,
  maxObservations: number,
): SampledGrid {
  const rowsPerSample = rows / batchSizeOf(data);
  // Whatever such rows are, it is not known whose they are, and how many there will be.
  if (!Number.isInteger(rowsPerSample)) return { size, counts: size, rowsPerSample: 1 };
  const enough = Math.ceil(maxObservations / (data.samples * rowsPerSample));
  // The floor compares halves of what is seen of a sample.
  const least = Math.min(LEAST_SHIFTED_POSITIONS, product(size));
  let most = Math.max(least, enough);
  while (product(gridOf(size, most)) < least) most++;
  return { size, counts: gridOf(size, most), rowsPerSample };
}

function reasonAgainst(
  { y, node, outShape, outChannels }: Convolution,
  { model }: Survey,
  samples: number,
): string | null {
  if (y.graph !== model.graph) return "it stands in the body of a loop or a branch";
  if (isChannelsLast(node)) return `${node.op} has its channels last`;
  if (!outShape) return "the runtime could not tell its output's shape";
  if (outShape[1] !== outChannels)
    return `its output has channels=${outShape[1]}, and its weight outChannels=${outChannels}`;
  const observations = samples * product(outShape.slice(2));
  if (observations < 2)
    return `observations=${observations} of each channel must be at least 2; give more samples`;
  return null;
}

/** What the statistics of a layer take, in bytes. */
interface Need {
  /** Until its pass ends: what comes out of a batch, what is collected, sums of parts reduced before the end. */
  readonly kept: number;
  /** While it alone is read of a batch, or reduced. */
  readonly copies: number;
  /** Products of its channels, and the sums of both its values; the widest layer's serve its whole pass. */
  readonly sums: number;
}

function needOf({ shape, grid, taps, isHalved, followsOutput }: Subject, batchCount: number): Need {
  const seen = [...shape.slice(0, 2), ...grid.counts];
  const batches = batchesHeld(seen, batchCount);
  const held = product(seen) * batches;
  const matrix = shape[1] ** 2;
  const triangles = isHalved ? 12 * matrix : 4 * matrix; // of a value: the sums, and those of both halves
  const values = taps.after ? 2 : 1;
  const read = followsOutput ? 1 : values;
  const sums = batches < batchCount ? triangles : 0;
  // Reading keeps the convolution's output from being written over, and copies each value in the order of its axes.
  const reading = (1 + read) * product(shape);
  const reducing = (followsOutput ? COPIES + FOLLOWING_COPIES : COPIES) * held;
  return {
    kept: 4 * read * (product(seen) + held) + values * sums,
    copies: 4 * Math.max(reading, reducing),
    sums: 4 * matrix + 2 * triangles,
  };
}

const NOTHING: Need = { kept: 0, copies: 0, sums: 0 };

/** In one pass: only one layer is reduced at a time. */
function together(a: Need, b: Need): Need {
  return {
    kept: a.kept + b.kept,
    copies: Math.max(a.copies, b.copies),
    sums: Math.max(a.sums, b.sums),
  };
}

function totalOf({ kept, copies, sums }: Need): number {
  return kept + copies + sums;
}

/** What the statistics of a layer take when it has a pass of its own, in bytes. */
export function bytesOf(subject: Subject, batchCount: number): number {
  return totalOf(needOf(subject, batchCount));
}

/** Splits layers, in their order, into passes that stay within the memory; each must fit alone. */
export function planPasses(
  subjects: readonly Subject[],
  batchCount: number,
  memoryBytes: number,
): Subject[][] {
  const passes: Subject[][] = [];
  let needed = NOTHING;
  for (const subject of subjects) {
    const need = needOf(subject, batchCount);
    needed = together(needed, need);
    if (passes.length === 0 || totalOf(needed) > memoryBytes) {
      passes.push([]);
      needed = need;
    }
    passes.at(-1)!.push(subject);
  }
  return passes;
}
