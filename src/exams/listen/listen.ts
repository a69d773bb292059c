import { UsageError } from "../../util/errors.js";
import { product, range, sum } from "../../util/math.js";
import { count } from "../../util/text.js";
import type { Exam, ExamContext, ExamOutcome } from "../exam.js";
import { batchSizeOf } from "../exam-data.js";
import { listenChecks } from "./checks/index.js";
import { mean } from "./magnitudes.js";
import { type HeardLayer, measurePass } from "./measure.js";
import type { ListenLayer, ListenSection, Magnitude } from "./section.js";
import { findSubjects, planPasses } from "./subjects.js";
import { findTarget, type TargetOptions } from "./target.js";

export interface ListenOptions extends TargetOptions {
  /** Listens to the kernels that grouped layers lack, too. Defaults to true. */
  readonly dense?: boolean;
}

/** Beside the largest, what is under this is rounding: float32 has 24 bits. */
const DEAD = 2 ** -22;

/** 闻: how loud the gradient is at every convolution, group by group. */
export const listen: Exam<"listen", ListenSection, ListenOptions> = {
  id: "listen",
  seedName: "闻",
  title: "Gradients",
  run,
};

async function run(
  { survey, data, memoryBytes, progress }: ExamContext,
  options: ListenOptions,
): Promise<ExamOutcome<ListenSection>> {
  if (survey.shapes === null) throw new UsageError(`listen: ${survey.shapesMissing}`);
  const target = findTarget(survey.model, options);
  const found = findSubjects(survey, target, options.dense ?? true);
  const plan = planPasses(survey, found.subjects, memoryBytes);
  const skipped = [...found.skipped, ...plan.skipped];
  if (plan.passes.length === 0) throw new UsageError(nothingToHear(skipped));

  const reached = data.summary.inputs
    .filter(({ dtype, perSample }) => dtype === "float32" && perSample)
    .map(({ name }) => name)
    .filter((name) => !found.blocked.has(survey.model.graph.find(name)!));
  const total = plan.passes.length * data.batchCount;
  const heard: HeardLayer[] = [];
  let inputs: (Magnitude & { name: string })[] = [];
  for (const [index, pass] of plan.passes.entries()) {
    // The pass of the first layers goes back to the input in any case.
    const isLast = index === plan.passes.length - 1 && plan.skipped.length === 0;
    const names = isLast ? reached : [];
    const what = `gradients at ${count(pass.length, "layer")}`;
    let done = index * data.batchCount;
    await progress({ what, done, total });
    const result = await measurePass(survey, target, pass, names, data, () =>
      progress({ what, done: ++done, total }),
    );
    heard.unshift(...result.layers);
    inputs = [...result.inputs]
      .map(([name, sums]) => ({ name, ...shortened(sums.whole()) }))
      .filter(({ rms }) => Number.isFinite(rms));
  }
  const { layers, silent } = describe(heard);
  const section: ListenSection = {
    target: { ...target, values: target.values.map(({ name }) => name) },
    inputs,
    layers,
    samples: data.summary.samples,
    batchSize: batchSizeOf(data.summary),
    synthetic: data.summary.synthetic,
    skipped: [...skipped, ...silent],
    passes: plan.passes.length,
  };
  return { section, checks: listenChecks(section), notes: notesOn(section) };
}

function nothingToHear(skipped: ListenSection["skipped"]): string {
  const [first] = skipped;
  return first
    ? `listen: none of ${count(skipped.length, "convolution")} can be listened to; ${first.name}: ${first.reason}`
    : "listen: the model has no convolution";
}

/** Layers with numbers that float32 does not hold are left out. */
function describe(heard: readonly HeardLayer[]): {
  layers: ListenLayer[];
  silent: ListenSection["skipped"];
} {
  const elasticity = new Map(
    heard.map((layer) => {
      const { output, written, subject } = layer;
      const elements = product(subject.outShape.slice(1));
      return [subject.convolution, elements * output.whole().rms * written.whole().rms];
    }),
  );
  const layers: ListenLayer[] = [];
  const silent: { name: string; reason: string }[] = [];
  for (const layer of heard) {
    const { convolution, next } = layer.subject;
    const own = elasticity.get(convolution)!;
    if (!Number.isFinite(own + layer.weight.whole().rms)) {
      silent.push({
        name: convolution.name,
        reason: "its gradient or what it writes is not finite",
      });
      continue;
    }
    const behind = next.flatMap((one) => elasticity.get(one) ?? []);
    const ratio = behind.length > 0 ? own / mean(behind) : null;
    layers.push({
      ...describeLayer(layer),
      elasticity: own,
      next: next.map(({ name }) => name),
      ratioToNext: ratio !== null && Number.isFinite(ratio) ? ratio : null,
    });
  }
  return { layers, silent };
}

function describeLayer({
  subject: { convolution },
  output,
  weight,
  dense,
  read,
  written,
}: HeardLayer): Omit<ListenLayer, "elasticity" | "next" | "ratioToNext"> {
  const { name, op, outChannels, groups, channelsPerGroup } = convolution;
  const outputRms = output.rms();
  const loudest = Math.max(...outputRms);
  return {
    name,
    op,
    outChannels,
    groups,
    channelsPerGroup,
    output: shortened(output.whole()),
    weight: shortened(weight.whole()),
    perGroup: {
      outputMeanAbs: short(output.meanAbs()),
      outputRms: short(outputRms),
      weightMeanAbs: short(weight.meanAbs()),
      weightRms: short(weight.rms()),
      outputShare: shares(outputRms),
      weightShare: shares(weight.rms()),
      readRms: short(read.rms()),
      writtenRms: short(written.rms()),
    },
    deadGroups: range(groups).filter((group) => outputRms[group] <= DEAD * loudest),
    dense: dense && compareWithDense(dense.meanSquares(), groups),
  };
}

/** @param squares Mean squares for each pair of groups, `[groups, groups]`. */
function compareWithDense(squares: readonly number[], groups: number): ListenLayer["dense"] {
  const within = mean(range(groups).map((group) => squares[group * (groups + 1)]));
  const all = mean(squares);
  const across = Math.max(0, (groups * all - within) / (groups - 1));
  return {
    withinRms: Math.sqrt(within),
    acrossRms: Math.sqrt(across),
    ratio: all > 0 ? Math.sqrt(within / all) : null,
  };
}

function shares(numbers: readonly number[]): number[] | null {
  const total = sum(numbers);
  return total > 0 ? short(numbers.map((value) => value / total)) : null;
}

function shortened({ meanAbs, rms }: Magnitude): Magnitude {
  const [shortMean, shortRms] = short([meanAbs, rms]);
  return { meanAbs: shortMean, rms: shortRms };
}

/** As many digits as float32 has. */
function short(numbers: readonly number[]): number[] {
  return numbers.map((value) => Number(value.toPrecision(8)));
}

function notesOn({ skipped, target, layers }: ListenSection): string[] {
  const notes = skipped.map(({ name, reason }) => `listen: ${name} was left out: ${reason}`);
  for (const name of target.beforeSoftmax)
    notes.push(
      `listen: the mean of the softmax "${name}" is the same for every input; the scores before it were taken`,
    );
  if (layers.every(({ output }) => output.rms === 0))
    notes.push("listen: the gradient is 0 at every layer");
  return notes;
}
