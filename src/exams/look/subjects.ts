import type { Convolution, Survey } from "../../analysis/index.js";
import { isChannelsLast } from "../../ops/index.js";
import { ceilDiv, product } from "../../util/math.js";
import type { Subject } from "./measure.js";
import type { LookSection } from "./section.js";
import { rowStep } from "./statistics-writer.js";
import { findTaps } from "./taps.js";

/** The convolutions that can be looked at on so many samples, and why the others cannot. */
export function findSubjects(
  survey: Survey,
  samples: number,
  maxObservations: number,
): { subjects: Subject[]; skipped: LookSection["skipped"] } {
  const { model, convolutions } = survey;
  const taps = findTaps(model, convolutions);
  const subjects: Subject[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const convolution of convolutions) {
    const reason = reasonAgainst(convolution, survey, samples);
    if (reason !== null) skipped.push({ name: convolution.name, reason });
    else {
      const shape = convolution.outShape!;
      subjects.push({
        convolution,
        taps: taps.get(convolution)!,
        shape,
        rowStep: rowStep(shape, Math.ceil(maxObservations / samples)),
      });
    }
  }
  return { subjects, skipped };
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

/** What the statistics of a layer take at once, in bytes: the value, copies, products, their sums. */
export function bytesOf({ shape, rowStep, taps }: Subject): number {
  const [, channels, rows = 1] = shape;
  const seen = (product(shape) / rows) * ceilDiv(rows, rowStep);
  const perTap = 4 * (product(shape) + 2 * seen) + (4 + 8) * channels ** 2;
  return perTap * (taps.after ? 2 : 1);
}

/** Splits layers, in their order, into passes that stay within the memory; each must fit alone. */
export function planPasses(subjects: readonly Subject[], memoryBytes: number): Subject[][] {
  const passes: Subject[][] = [];
  let room = 0;
  for (const subject of subjects) {
    const bytes = bytesOf(subject);
    if (passes.length === 0 || bytes > room) {
      passes.push([]);
      room = memoryBytes;
    }
    passes.at(-1)!.push(subject);
    room -= bytes;
  }
  return passes;
}
