import type { Model } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { convMacs } from "../../ops/index.js";
import { keptEnergy, kernelEnergy } from "../../regroup/index.js";
import { Session } from "../../runtime/index.js";
import type { Tensor } from "../../tensor/index.js";
import { sum } from "../../util/math.js";
import type { MeanAndSd } from "../../util/statistics.js";
import { samplesIn } from "../exam-data.js";
import { QUIET } from "../quiet.js";
import { finiteSpread } from "../series.js";
import { type Baseline, giveOutNext } from "./baseline.js";
import { addBranch, convolutionAt, setGroups, weightOf } from "./change-groups.js";
import { ChannelCorrelation } from "./channel-correlation.js";
import { Difference } from "./difference.js";
import { fitBranch } from "./fit-branch.js";
import { PairClock, runInTurns } from "./pair-clock.js";
import { type Reordered, reorder } from "./reorder.js";
import type { Latency, NextEffect, Trial } from "./section.js";
import type { Job } from "./subjects.js";

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
  const { outputs, next, latency } = await compare(changed, job, baseline, order);
  return {
    way,
    groups,
    keptEnergy: kept,
    explained: fit?.explained ?? null,
    explainedSpread: fit && finiteSpread(fit.explainedByChannel),
    macs: macsOf(job),
    outputs: outputs.map((difference) => difference.outputEffect()),
    next: next.map(nextEffect),
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
  readonly before: MeanAndSd | null;
  readonly after: ChannelCorrelation;
}

function nextEffect({ difference, before, after: channels }: NextComparison): NextEffect {
  const after = channels.absR();
  return {
    ...difference.effect(),
    meanAbsRBefore: before?.mean ?? null,
    sdAbsRBefore: before?.sd ?? null,
    meanAbsRAfter: after?.mean ?? null,
    sdAbsRAfter: after?.sd ?? null,
  };
}

/** Pairs of runs that are timed. */
const TIMED_PAIRS = 4;

/** Runs the changed network on every batch, and in turns with what it was until the clock has enough. */
async function compare(
  changed: Model,
  { subject, way, groups }: Job,
  baseline: Baseline,
  order: Reordered | null,
): Promise<Comparison> {
  const { model, data, reducer } = baseline;
  const reference = await baseline.reference(subject);
  const before = reference.session;
  const now = outputNames(changed); // a layer that writes an output has another name for it now
  const given = new Set(before.outputs.map(({ name }) => name));
  const pairs = outputNames(model)
    .map((name, i) => ({ name, now: now[i], difference: new Difference(name) }))
    .filter(({ name }) => given.has(name)); // strings are not given out
  giveOutNext(changed, subject);
  const next = subject.next.map(({ name, outChannels }, i) => ({
    difference: new Difference(name),
    before: reference.nextAbsR[i],
    after: new ChannelCorrelation(outChannels),
  }));
  // Reordered, it is the network that was cut with other numbers in its weights.
  const known = way === "reordered" ? reference.cutLatencies.get(groups) : undefined;
  const clock = new PairClock(known ? 0 : TIMED_PAIRS);
  const after = await Session.create(changed, QUIET);
  try {
    let feeds = await data.batch(0);
    if (!clock.isFull) await after.run(feeds); // memory is planned
    for (let index = 0; index < data.batchCount; index++) {
      if (index > 0) feeds = await data.batch(index);
      const samples = samplesIn(data, index);
      const [was, is] = clock.isFull
        ? [reference.kept?.[index] ?? (await before.run(feeds)), await after.run(feeds)]
        : await runInTurns(before, after, feeds, clock);
      for (const { name, now, difference } of pairs) difference.add(was[name], is[now], samples);
      for (const [i, { y }] of subject.next.entries()) {
        next[i].difference.add(was[y.name], is[y.name], samples, order?.orderOf(y.name));
        await next[i].after.add(is[y.name], reducer);
      }
    }
    while (!clock.isFull) await runInTurns(before, after, feeds, clock);
  } finally {
    await after.release();
  }
  const latency = known ?? clock.latency();
  if (way === "cut") reference.cutLatencies.set(groups, latency);
  return { outputs: pairs.map(({ difference }) => difference), next, latency };
}

function outputNames({ graph }: Model): string[] {
  return graph.outputs.map(({ name }) => name);
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
