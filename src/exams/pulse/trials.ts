import type { Model } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { convMacs } from "../../ops/index.js";
import { keptEnergy, kernelEnergy } from "../../regroup/index.js";
import { Session, type Tensors } from "../../runtime/index.js";
import type { Tensor } from "../../tensor/index.js";
import { sum } from "../../util/math.js";
import type { ExamData } from "../exam-data.js";
import { addBranch, convolutionAt, setGroups, weightOf } from "./change-groups.js";
import { Difference } from "./difference.js";
import { fitBranch } from "./fit-branch.js";
import { type Reordered, reorder } from "./reorder.js";
import type { Trial } from "./section.js";
import type { Job, Subject } from "./subjects.js";

/** The network as it is: what trials are compared with. */
export class Baseline {
  /** Of the layer asked for last; its trials come one after the other. */
  #known: { readonly subject: Subject; readonly results: readonly Tensors[] } | null = null;

  /** @param batches How many of the data's batches are used. */
  constructor(
    readonly model: Model,
    readonly data: ExamData,
    readonly batches: number,
  ) {}

  /**
   * The network's outputs and what the layer's next ones write, batch by batch. They come from a network that gives
   * out what the trials' give out: the runtime fuses what it does not, and rounds in other places then.
   */
  async results(subject: Subject): Promise<readonly Tensors[]> {
    if (this.#known?.subject === subject) return this.#known.results;
    const model = copyModel(this.model);
    giveOut(model, nextNames(subject));
    const session = await Session.create(model);
    const results: Tensors[] = [];
    try {
      for (let index = 0; index < this.batches; index++)
        results.push(await session.run(await this.data.batch(index)));
    } finally {
      await session.release();
    }
    this.#known = { subject, results };
    return results;
  }
}

function outputNames({ graph }: Model): string[] {
  return graph.outputs.map(({ name }) => name);
}

function nextNames({ next }: Subject): string[] {
  return next.map(({ y }) => y.name);
}

/** Makes more values outputs of the graph. */
function giveOut({ graph }: Model, names: readonly string[]): void {
  for (const name of new Set(names)) {
    const value = graph.find(name)!;
    if (!graph.outputs.includes(value)) graph.outputs.push(value);
  }
}

/** Changes one layer, runs the network, and compares. Null when there is nothing to change. */
export async function runTrial(job: Job, baseline: Baseline): Promise<Trial | null> {
  const { subject, groups, way } = job;
  const { convolution } = subject;
  const { data, batches } = baseline;
  const changed = copyModel(baseline.model);
  const wantsOrder = way === "reordered" || (way === "fitted" && subject.canReorder);
  const order = wantsOrder ? await reorder(changed, convolution.y.name, groups) : null;
  if (way === "reordered" && !order) return null;
  const node = convolutionAt(changed, convolution.y.name);
  const kept = keptShare(await weightOf(node), convolution.groups, groups);
  const { name } = convolution.y;
  const fit =
    way === "fitted"
      ? await fitBranch(changed, name, convolution.outShape!, groups, data, batches)
      : null;
  await setGroups(changed, node, groups);
  if (fit) addBranch(changed, node, fit);
  const differences = await compare(changed, subject, baseline, order);
  return {
    way,
    groups,
    keptEnergy: kept,
    explained: fit?.explained ?? null,
    macs: macsOf(job),
    outputs: differences.outputs.map((difference) => difference.outputEffect()),
    next: differences.next.map((difference) => difference.effect()),
  };
}

/** Runs the changed network on the baseline's batches. */
async function compare(
  changed: Model,
  subject: Subject,
  baseline: Baseline,
  order: Reordered | null,
): Promise<{ outputs: Difference[]; next: Difference[] }> {
  const references = await baseline.results(subject);
  const now = outputNames(changed); // a layer that writes an output has another name for it now
  const pairs = outputNames(baseline.model)
    .map((name, i) => ({ name, now: now[i], difference: new Difference(name) }))
    .filter(({ name }) => references[0][name]); // strings are not given out
  giveOut(changed, nextNames(subject));
  const next = subject.next.map(({ name }) => new Difference(name));
  const session = await Session.create(changed);
  try {
    for (const [index, reference] of references.entries()) {
      const results = await session.run(await baseline.data.batch(index));
      for (const { name, now, difference } of pairs) difference.add(reference[name], results[now]);
      for (const [i, { y }] of subject.next.entries())
        next[i].add(reference[y.name], results[y.name], order?.orderOf(y.name));
    }
  } finally {
    await session.release();
  }
  return { outputs: pairs.map(({ difference }) => difference), next };
}

/** Share of the energy of a weight in `from` groups that `to` groups keep. */
function keptShare(weight: Tensor<"float32">, from: number, to: number): number {
  const energy = kernelEnergy(weight, from);
  const whole = sum(energy.data);
  return whole > 0 ? keptEnergy(energy, to) / whole : 1;
}

function macsOf({ subject: { convolution }, groups, way }: Job): number | null {
  const { macs, inShape, outShape, outChannels, weightInChannels } = convolution;
  if (macs === null || !inShape || !outShape) return null;
  const branch = [outChannels, weightInChannels, 1, 1];
  const added = way === "fitted" ? convMacs("Conv", branch, inShape, outShape) : 0;
  return (macs * convolution.groups) / groups + added;
}
