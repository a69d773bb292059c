import { UsageError } from "../../util/errors.js";
import { product } from "../../util/math.js";
import { count } from "../../util/text.js";
import type { Exam, ExamContext, ExamOutcome } from "../exam.js";
import { lookChecks } from "./checks/index.js";
import { type MeasuredLayer, measurePass } from "./measure.js";
import { driftOf } from "./norm-drift.js";
import type { LookLayer, LookSection } from "./section.js";
import { Reducer } from "./statistics.js";
import { bytesOf, findSubjects, planPasses } from "./subjects.js";
import { kindOf, type SummaryOptions, summarize } from "./summarize.js";

export interface LookOptions {
  /**
   * Observations of each channel that are enough, over all samples: where there are more, a grid of positions
   * is looked at, which from opset 11 on lies elsewhere in every sample; of 16 at least in each. 3072, the
   * default, tell r to 0.018 if they are independent. `Infinity` looks at all.
   */
  readonly maxObservations?: number;
  /** Largest side of the correlation matrices kept in the report, in cells. Defaults to 64. */
  readonly matrixSize?: number;
  /**
   * Layers of more channels get no effective rank: eigenvalues take time with the cube of the channels.
   * Defaults to 128.
   */
  readonly rankChannels?: number;
  /** Is given every layer in full, the whole matrices among it; these are good until it returns. */
  readonly onLayer?: (layer: MeasuredLayer) => void;
}

const ENOUGH_OBSERVATIONS = 3072;

/**
 * 望: what the channels of every convolution look like beside each other, before and after norm and
 * activation. The runtime reduces each value to its channels' means and products; only those come out.
 */
export const look: Exam<"look", LookSection, LookOptions> = {
  id: "look",
  seedName: "望",
  title: "Channel correlation",
  run,
};

async function run(context: ExamContext, options: LookOptions): Promise<ExamOutcome<LookSection>> {
  const { survey, data, memoryBytes, progress } = context;
  const { onLayer, maxObservations = ENOUGH_OBSERVATIONS } = options;
  if (!(maxObservations >= 1))
    throw new UsageError(`look: maxObservations=${maxObservations} must be at least 1`);
  const sizes = summarySizes(options);
  const found = findSubjects(survey, data.summary, {
    maxObservations,
    rankChannels: sizes.rankChannels,
  });
  const { batchCount } = data;
  const fits = found.subjects.filter((subject) => bytesOf(subject, batchCount) <= memoryBytes);
  const skipped = [
    ...found.skipped,
    ...found.subjects
      .filter((subject) => !fits.includes(subject))
      .map((subject) => ({
        name: subject.convolution.name,
        reason: `looking at it takes ${bytesOf(subject, batchCount)} bytes, which must be at most memoryBytes=${memoryBytes}`,
      })),
  ];
  if (fits.length === 0) throw new UsageError(nothingToSee(skipped));

  const passes = planPasses(fits, batchCount, memoryBytes);
  const total = passes.length * batchCount;
  const layers: LookLayer[] = [];
  let seen = 0;
  const reducer = new Reducer();
  try {
    for (const [index, pass] of passes.entries()) {
      const what =
        passes.length === 1
          ? count(fits.length, "layer")
          : `layers ${seen + 1} to ${seen + pass.length} of ${fits.length}`;
      seen += pass.length;
      let done = index * batchCount;
      await progress({ what, done, total });
      await measurePass(survey.model, pass, data, {
        reducer,
        onBatch: () => progress({ what, done: ++done, total }),
        onLayer: async (layer) => {
          const { output, after, subject } = layer;
          if (!output.moments.isFinite || after?.moments.isFinite === false) {
            const reason = "on these data its values are NaN, infinite or too large to be squared";
            skipped.push({ name: subject.convolution.name, reason });
            return;
          }
          onLayer?.(layer);
          layers.push(await describe(layer, sizes));
        },
      });
    }
  } finally {
    await reducer.release();
  }
  if (layers.length === 0) throw new UsageError(nothingToSee(skipped));
  const section: LookSection = {
    layers,
    synthetic: data.summary.synthetic,
    skipped,
    passes: passes.length,
  };
  return { section, checks: lookChecks(section), notes: notesOn(skipped) };
}

function summarySizes({ matrixSize = 64, rankChannels = 128 }: LookOptions): SummaryOptions {
  for (const [name, value] of Object.entries({ matrixSize, rankChannels }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new UsageError(`look: ${name}=${value} must be a whole number from 1`);
  return { matrixSize, rankChannels };
}

async function describe(measured: MeasuredLayer, options: SummaryOptions): Promise<LookLayer> {
  const { subject, output, after } = measured;
  const { convolution, taps, shape, grid } = subject;
  const { name, op, outChannels, groups, channelsPerGroup } = convolution;
  return {
    name,
    op,
    kind: kindOf(convolution),
    outChannels,
    groups,
    channelsPerGroup,
    positions: product(shape.slice(2)),
    positionsSeen: product(grid.counts),
    output: summarize(output, subject, "output", options),
    after: after && summarize(after, subject, "after", options),
    through: taps.way.map((node) => node.op),
    normDrift: taps.batchNorm && (await driftOf(taps.batchNorm, output.moments)),
  };
}

function nothingToSee(skipped: LookSection["skipped"]): string {
  const [first] = skipped;
  return first
    ? `look: none of ${count(skipped.length, "convolution")} can be looked at; ${first.name}: ${first.reason}`
    : "look: the model has no convolution";
}

function notesOn(skipped: LookSection["skipped"]): string[] {
  return skipped.map(({ name, reason }) => `look: ${name} was left out: ${reason}`);
}
