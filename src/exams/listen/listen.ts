import { UsageError } from "../../util/errors.js";
import { count } from "../../util/text.js";
import type { Exam, ExamContext, ExamOutcome } from "../exam.js";
import { batchSizeOf } from "../exam-data.js";
import { listenChecks } from "./checks/index.js";
import { describe } from "./describe.js";
import { type HeardLayer, measurePass } from "./measure.js";
import type { InputMagnitude, ListenSection } from "./section.js";
import { findSubjects, planPasses } from "./subjects.js";
import { findTarget, type TargetOptions } from "./target.js";

export interface ListenOptions extends TargetOptions {
  /** Listens to the kernels that grouped layers lack, too. Defaults to true. */
  readonly dense?: boolean;
}

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
  let inputs: InputMagnitude[] = [];
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
    inputs = [...result.inputs].flatMap(([name, sums]) => {
      const whole = sums.whole();
      return whole ? [{ name, ...whole }] : [];
    });
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
