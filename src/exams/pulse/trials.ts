import type { Model } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { convMacs } from "../../ops/index.js";
import { keptEnergy, kernelEnergy } from "../../regroup/index.js";
import { Session } from "../../runtime/index.js";
import type { Tensor } from "../../tensor/index.js";
import { sum } from "../../util/math.js";
import type { ExamData } from "../exam-data.js";
import { Reducer } from "../look/statistics.js";
import { addBranch, convolutionAt, setGroups, weightOf } from "./change-groups.js";
import { ChannelCorrelation } from "./channel-correlation.js";
import { Difference } from "./difference.js";
import { fitBranch } from "./fit-branch.js";
import { PairClock, runInTurns } from "./pair-clock.js";
import { type Reordered, reorder } from "./reorder.js";
import type { Latency, Trial } from "./section.js";
import type { Job, Subject } from "./subjects.js";

/** The network as it is: what trials are compared with. */
export class Baseline {
  readonly reducer = new Reducer();
  /** Of the layer asked for last; its trials come one after the other. */
  #open: { readonly subject: Subject; readonly session: Session } | null = null;

  constructor(
    readonly model: Model,
    readonly data: ExamData,
  ) {}

  /**
   * Gives the network's outputs and what the layer's next ones write. The network gives out what the trials' give
   * out: the runtime fuses what it does not, and rounds in other places then.
   */
  async session(subject: Subject): Promise<Session> {
    if (this.#open?.subject === subject) return this.#open.session;
    await this.#close();
    const model = copyModel(this.model);
    giveOut(model, nextNames(subject));
    const session = await Session.create(model);
    this.#open = { subject, session };
    return session;
  }

  async release(): Promise<void> {
    await this.#close();
    await this.reducer.release();
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.session.release();
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
  const { data } = baseline;
  const changed = copyModel(baseline.model);
  const wantsOrder = way === "reordered" || (way === "fitted" && subject.canReorder);
  const order = wantsOrder ? await reorder(changed, convolution.y.name, groups) : null;
  if (way === "reordered" && !order) return null;
  const node = convolutionAt(changed, convolution.y.name);
  const kept = keptShare(await weightOf(node), convolution.groups, groups);
  const { name } = convolution.y;
  const fit =
    way === "fitted" ? await fitBranch(changed, name, convolution.outShape!, groups, data) : null;
  await setGroups(changed, node, groups);
  if (fit) addBranch(changed, node, fit);
  const { outputs, next, latency } = await compare(changed, subject, baseline, order);
  return {
    way,
    groups,
    keptEnergy: kept,
    explained: fit?.explained ?? null,
    macs: macsOf(job),
    outputs: outputs.map((difference) => difference.outputEffect()),
    next: next.map(({ difference, before, after }) => ({
      ...difference.effect(),
      meanAbsRBefore: before.meanAbsR(),
      meanAbsRAfter: after.meanAbsR(),
    })),
    latency,
  };
}

interface Comparison {
  readonly outputs: readonly Difference[];
  readonly next: readonly NextComparison[];
  readonly latency: Latency;
}

interface NextComparison {
  readonly difference: Difference;
  readonly before: ChannelCorrelation;
  readonly after: ChannelCorrelation;
}

/** Pairs of runs that are timed at least. */
const LEAST_TIMED = 4;

/** Runs the network and the changed one in turns, on every batch. */
async function compare(
  changed: Model,
  subject: Subject,
  baseline: Baseline,
  order: Reordered | null,
): Promise<Comparison> {
  const { model, data, reducer } = baseline;
  const before = await baseline.session(subject);
  const now = outputNames(changed); // a layer that writes an output has another name for it now
  const given = new Set(before.outputs.map(({ name }) => name));
  const pairs = outputNames(model)
    .map((name, i) => ({ name, now: now[i], difference: new Difference(name) }))
    .filter(({ name }) => given.has(name)); // strings are not given out
  giveOut(changed, nextNames(subject));
  const next = subject.next.map(({ name, outChannels }) => ({
    difference: new Difference(name),
    before: new ChannelCorrelation(outChannels),
    after: new ChannelCorrelation(outChannels),
  }));
  const after = await Session.create(changed);
  const clock = new PairClock();
  try {
    let feeds = await data.batch(0);
    await runInTurns(before, after, feeds); // memory is planned
    for (let index = 0; index < data.batchCount; index++) {
      if (index > 0) feeds = await data.batch(index);
      const [was, is] = await runInTurns(before, after, feeds, clock);
      for (const { name, now, difference } of pairs) difference.add(was[name], is[now]);
      for (const [i, { y }] of subject.next.entries()) {
        next[i].difference.add(was[y.name], is[y.name], order?.orderOf(y.name));
        await next[i].before.add(was[y.name], reducer);
        await next[i].after.add(is[y.name], reducer);
      }
    }
    while (clock.pairs < LEAST_TIMED) await runInTurns(before, after, feeds, clock);
  } finally {
    await after.release();
  }
  return { outputs: pairs.map(({ difference }) => difference), next, latency: clock.latency() };
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
