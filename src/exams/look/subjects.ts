import type { Convolution, Survey } from "../../analysis/index.js";
import { isStandardDomain } from "../../graph/index.js";
import { product } from "../../util/math.js";
import type { Subject } from "./measure.js";
import type { LookSection } from "./section.js";
import { findTaps } from "./taps.js";

/** The convolutions that can be looked at on so many samples, and why the others cannot. */
export function findSubjects(
  survey: Survey,
  samples: number,
): { subjects: Subject[]; skipped: LookSection["skipped"] } {
  const { model, convolutions } = survey;
  const taps = findTaps(model, convolutions);
  const subjects: Subject[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const convolution of convolutions) {
    const reason = reasonAgainst(convolution, survey, samples);
    if (reason !== null) skipped.push({ name: convolution.name, reason });
    else {
      const positions = product(convolution.outShape!.slice(2));
      subjects.push({ convolution, taps: taps.get(convolution)!, positions });
    }
  }
  return { subjects, skipped };
}

function reasonAgainst(
  { y, node, outShape, outChannels }: Convolution,
  { model }: Survey,
  samples: number,
): string | null {
  if (y.graph !== model.graph) return "it stands in the body of a loop, a branch or a function";
  if (!isStandardDomain(node.domain) && node.op.startsWith("Nhwc"))
    return `${node.op} has its channels last`;
  if (!outShape) return "the runtime could not tell its output's shape";
  if (outShape[1] !== outChannels)
    return `its output has channels=${outShape[1]}, and its weight outChannels=${outChannels}`;
  const observations = samples * product(outShape.slice(2));
  if (observations < 2)
    return `observations=${observations} of each channel must be at least 2; give more samples`;
  return null;
}

/** What the statistics of a layer take at once, in bytes: centred copies, products, their sums. */
export function bytesOf({ convolution, positions, taps }: Subject, batchSize: number): number {
  const { outChannels } = convolution;
  const values = outChannels * positions * batchSize;
  const perTap = 2 * 4 * values + (4 + 8) * outChannels ** 2;
  return perTap * (taps.after ? 2 : 1);
}

/** Splits layers, in their order, into passes that stay within the memory; each must fit alone. */
export function planPasses(
  subjects: readonly Subject[],
  batchSize: number,
  memoryBytes: number,
): Subject[][] {
  const passes: Subject[][] = [];
  let room = 0;
  for (const subject of subjects) {
    const bytes = bytesOf(subject, batchSize);
    if (passes.length === 0 || bytes > room) {
      passes.push([]);
      room = memoryBytes;
    }
    passes.at(-1)!.push(subject);
    room -= bytes;
  }
  return passes;
}
